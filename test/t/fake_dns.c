/*
 * Preloaded into a server by tests: names below .test that look up in odd ways.
 * *.hang.test gets no answer, as with a name server that is gone.  Below
 * half.test there is no "api", and below deaf.test nobody listens at it; their
 * other hosts are this machine.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

typedef int (*Lookup) (const char *, const char *, const struct addrinfo *,
					   struct addrinfo **);

int
getaddrinfo(const char *node, const char *service,
			const struct addrinfo *hints, struct addrinfo **result)
{
	Lookup		lookup = (Lookup) dlsym(RTLD_NEXT, "getaddrinfo");
	bool		api = node != NULL && strncmp(node, "api.", 4) == 0;

	if (node != NULL && strstr(node, ".hang.test") != NULL)
	{
		sleep(30);
		return EAI_AGAIN;
	}
	if (node != NULL && strstr(node, ".half.test") != NULL)
	{
		if (api)
			return EAI_NONAME;
		node = "127.0.0.1";
	}
	else if (node != NULL && strstr(node, ".deaf.test") != NULL)
		node = api ? "127.0.0.2" : "127.0.0.1";
	return lookup(node, service, hints, result);
}
