/*-------------------------------------------------------------------------
 *
 * tls.h
 *		TLS on a connection's socket, which never blocks.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENDPOINT_TLS_H
#define ENDPOINT_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "client.h"

typedef struct Tls
{
	int			fd;
	struct ssl_st *ssl;
	bool		http2;			/* what the client asked for */
} Tls;

/* Takes a PEM certificate chain and its key.  False if they are of no use. */
extern bool tls_init(const char *certificate, const char *key, bool http1);

/*
 * The handshake.  Takes the socket.  False if it failed or the client left;
 * tls is to be closed in any case.
 */
extern bool tls_accept(Tls *tls, int fd);

/* With a last word to the client, or without. */
extern void tls_close(Tls *tls, bool notify);

/* Bytes read or written, 0 if that has to wait, -1 at the end. */
extern long tls_read(Tls *tls, void *data, size_t size);
extern long tls_write(Tls *tls, const void *data, size_t len);

#endif							/* ENDPOINT_TLS_H */
