/*-------------------------------------------------------------------------
 *
 * http.h
 *		The HTTP server: connections in, requests answered.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENDPOINT_HTTP_H
#define ENDPOINT_HTTP_H

#include "execute.h"

typedef struct HttpOptions
{
	int			listen_fd;
	const char *certificate;	/* PEM files; NULL: plain http */
	const char *key;
	bool		http1;			/* offer no HTTP/2 */
	long		latency_ms;		/* added to each request */
	size_t		max_request;	/* bytes of the body */
	ExecuteLimits limits;
	TokenOptions tokens;
} HttpOptions;

/* options must stay as long as the server runs.  False if it cannot start. */
extern bool http_start(const HttpOptions *options);

/* Ends what runs, after client_stop_all(). */
extern void http_stop(void);

/* Each connection has a number of its own, for the log. */
extern unsigned long http_next_connection(void);

#endif							/* ENDPOINT_HTTP_H */
