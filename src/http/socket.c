/*-------------------------------------------------------------------------
 *
 * http/socket.c
 *		The sockets that libcurl has open in this backend.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/fd.h"

#include "http/socket.h"
#include "http/trace.h"

/* Grown by realloc, because callbacks of libcurl grow it. */
NeonSocket *neon_sockets = NULL;
int			neon_nsockets = 0;
static int	maxsockets = 0;

static uintptr_t next_serial = 1;

NeonSocket *
neon_socket_find(curl_socket_t fd)
{
	for (int i = 0; i < neon_nsockets; i++)
	{
		if (neon_sockets[i].fd == fd)
			return &neon_sockets[i];
	}
	return NULL;
}

NeonSocket *
neon_socket_add(curl_socket_t fd)
{
	NeonSocket *sock;

	if (neon_nsockets == maxsockets)
	{
		int			newmax = maxsockets == 0 ? 16 : maxsockets * 2;
		NeonSocket *larger = realloc(neon_sockets, newmax * sizeof(NeonSocket));

		if (larger == NULL)
			return NULL;
		neon_sockets = larger;
		maxsockets = newmax;
	}
	sock = &neon_sockets[neon_nsockets++];
	memset(sock, 0, sizeof(*sock));
	sock->fd = fd;
	sock->serial = next_serial++;
	sock->pos = -1;
	return sock;
}

void
neon_socket_remove(NeonSocket *sock)
{
	if (sock->counted)
		ReleaseExternalFD();
	*sock = neon_sockets[--neon_nsockets];
}

void
neon_socket_forget_closed(void)
{
	for (int i = neon_nsockets - 1; i >= 0; i--)
	{
		struct stat st;

		if (neon_sockets[i].counted &&
			(fstat(neon_sockets[i].fd, &st) != 0 ||
			 st.st_ino != neon_sockets[i].inode))
			neon_socket_remove(&neon_sockets[i]);
	}
}

bool
neon_socket_peer(const void *opener, char *address, size_t size, int *port)
{
	neon_socket_forget_closed();
	for (int i = 0; i < neon_nsockets; i++)
	{
		struct sockaddr_storage peer;
		socklen_t	len = sizeof(peer);
		char		service[NI_MAXSERV];

		if (neon_sockets[i].opener != opener ||
			getpeername(neon_sockets[i].fd, (struct sockaddr *) &peer,
						&len) != 0 ||
			getnameinfo((struct sockaddr *) &peer, len, address, size,
						service, sizeof(service),
						NI_NUMERICHOST | NI_NUMERICSERV) != 0)
			continue;
		*port = atoi(service);
		return true;
	}
	return false;
}

void
neon_socket_disown(const void *opener)
{
	for (int i = 0; i < neon_nsockets; i++)
	{
		if (neon_sockets[i].opener == opener)
			neon_sockets[i].opener = NULL;
	}
}

curl_socket_t
neon_socket_open(void *client, curlsocktype purpose, struct curl_sockaddr *addr)
{
	NeonSocket *sock;
	struct stat st;
	curl_socket_t fd;

	neon_socket_forget_closed();
	if (!AcquireExternalFD())
		return CURL_SOCKET_BAD;
	fd = socket(addr->family, addr->socktype, addr->protocol);
	if (fd == CURL_SOCKET_BAD)
	{
		ReleaseExternalFD();
		return CURL_SOCKET_BAD;
	}
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 ||
		fstat(fd, &st) != 0 ||
		(sock = neon_socket_add(fd)) == NULL)
	{
		close(fd);
		ReleaseExternalFD();
		return CURL_SOCKET_BAD;
	}
	sock->opener = client;
	if (client != NULL)
		neon_trace_phase((NeonTrace *) client, NEON_PHASE_CONNECT);
	sock->counted = true;
	sock->inode = st.st_ino;
	return fd;
}

int
neon_socket_close(void *client, curl_socket_t fd)
{
	NeonSocket *sock = neon_socket_find(fd);

	if (sock != NULL)
		neon_socket_remove(sock);
	return close(fd);
}
