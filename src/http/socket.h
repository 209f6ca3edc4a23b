/*-------------------------------------------------------------------------
 *
 * http/socket.h
 *		The sockets that libcurl has open in this backend.
 *
 * They count as external file descriptors (fd.c), so that the virtual files
 * of the backend make room for them.  Nothing here throws: all of it may be
 * called from inside libcurl.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_HTTP_SOCKET_H
#define NEON_HTTP_SOCKET_H

#include "compat/curl.h"

struct NeonMulti;

typedef struct NeonSocket
{
	curl_socket_t fd;
	uintptr_t	serial;			/* tells it from earlier ones of this number */
	struct NeonMulti *multi;	/* to be told of events; NULL when idle */
	uint32		events;			/* WL_SOCKET_* to wait for, 0 for none */
	const void *opener;			/* transfer that opened it, NULL when over */
	bool		counted;		/* opened here, an external fd */
	ino_t		inode;			/* of a counted one, tells when it is gone */
	int			pos;			/* in event_set, -1 when not there */
	uint32		pos_events;		/* what event_set waits for */
} NeonSocket;

extern NeonSocket *neon_sockets;
extern int	neon_nsockets;

/* Pointers are valid until the next call of any of these. */
extern NeonSocket *neon_socket_find(curl_socket_t fd);
extern NeonSocket *neon_socket_add(curl_socket_t fd);	/* NULL: no memory */
extern void neon_socket_remove(NeonSocket *sock);

/*
 * Some versions of libcurl (7.88 is one) close a socket that never got
 * connected without calling the close callback.  Such a socket would count
 * as an open external fd for ever, so this looks whether each is still what
 * it was.
 */
extern void neon_socket_forget_closed(void);

/*
 * The address that the socket of a transfer is connected to, as numbers;
 * false if the transfer opened no socket that is connected.
 */
extern bool neon_socket_peer(const void *opener, char *address, size_t size,
							 int *port);

/* A transfer is over: the next one at this address in memory is not it. */
extern void neon_socket_disown(const void *opener);

/* Callbacks of libcurl.  The client of the first one is the opener. */
extern curl_socket_t neon_socket_open(void *client, curlsocktype purpose,
									  struct curl_sockaddr *addr);
extern int	neon_socket_close(void *client, curl_socket_t fd);

#endif							/* NEON_HTTP_SOCKET_H */
