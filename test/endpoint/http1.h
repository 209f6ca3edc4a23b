/*-------------------------------------------------------------------------
 *
 * http1.h
 *		HTTP/1.1, by libmicrohttpd.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENDPOINT_HTTP1_H
#define ENDPOINT_HTTP1_H

#include "http.h"

/*
 * Starts to listen, if the socket is not -1: else connections come by
 * http1_serve() only.
 */
extern bool http1_start(const HttpOptions *options, int listen_fd);
extern void http1_stop(void);

/*
 * Serves a connection, in a thread of its own.  Takes the socket, closes it on
 * failure.
 */
extern void http1_serve(int fd);

#endif							/* ENDPOINT_HTTP1_H */
