/*-------------------------------------------------------------------------
 *
 * http/config.h
 *		Settings of the requests to one endpoint.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_HTTP_CONFIG_H
#define NEON_HTTP_CONFIG_H

#include "http/trace.h"

typedef struct NeonHttpConfig
{
	const char *url;
	bool		plain;			/* http:// is allowed */
	bool		verify;			/* certificate and host name */
	const char *cafile;			/* NULL: libcurl's default */
	const char *proxy;			/* NULL: environment, "": none */
	int			connect_timeout;	/* seconds, 0: no limit */
	bool		keep;			/* keep connections open */
	const char *const *headers; /* "Name: value", NULL-terminated */

	/* Hears of each request that ends, however it does; must not throw. */
	void		(*report) (void *arg, const NeonTrace *trace);
	void	   *report_arg;
} NeonHttpConfig;

typedef enum NeonRequestKind
{
	NEON_REQUEST_NORMAL,

	/* over a connection of its own, so that every step can be seen */
	NEON_REQUEST_TRACED,

	/*
	 * Only connects, whatever the certificate, to learn what it says; sends
	 * nothing of the request, no credentials either, and is not reported.
	 */
	NEON_REQUEST_PROBE,

	/*
	 * Sends the headers, the body's length among them, and nothing of the
	 * body: an endpoint that refuses requests of such a length says so, and
	 * nothing can run.
	 */
	NEON_REQUEST_ANNOUNCED
} NeonRequestKind;

/* The most headers that a request may have beside those of its client. */
#define NEON_MAX_REQUEST_HEADERS	4

/* The settings with the open connections: http/client.h. */
typedef struct NeonHttpClient NeonHttpClient;

#endif							/* NEON_HTTP_CONFIG_H */
