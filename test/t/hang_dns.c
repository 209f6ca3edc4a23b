/*
 * Preloaded into a server by 001_cancel.pl: looking up *.hang.test gets no
 * answer, as with a name server that is gone.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

typedef int (*Lookup) (const char *, const char *, const struct addrinfo *,
					   struct addrinfo **);

int
getaddrinfo(const char *node, const char *service,
			const struct addrinfo *hints, struct addrinfo **result)
{
	Lookup		lookup = (Lookup) dlsym(RTLD_NEXT, "getaddrinfo");

	if (node != NULL && strstr(node, ".hang.test") != NULL)
	{
		sleep(30);
		return EAI_AGAIN;
	}
	return lookup(node, service, hints, result);
}
