/*-------------------------------------------------------------------------
 *
 * http.h
 *		The HTTP server: requests in, replies out.
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
	const char *certificate;	/* PEM; NULL: plain http */
	const char *key;
	long		latency_ms;		/* added to each request */
	size_t		max_request;	/* bytes of the body */
	ExecuteLimits limits;
	TokenOptions tokens;
} HttpOptions;

/* options must stay as long as the server runs.  NULL if it cannot start. */
extern struct MHD_Daemon *http_start(const HttpOptions *options);

#endif							/* ENDPOINT_HTTP_H */
