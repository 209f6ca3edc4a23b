/*-------------------------------------------------------------------------
 *
 * http/client.h
 *		Settings and open connections for requests to one endpoint.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_HTTP_CLIENT_H
#define NEON_HTTP_CLIENT_H

#include "http/config.h"

/*
 * Belongs to the current memory context, which closes its connections when
 * it is reset.  The config is only read during the call.  Every transfer
 * must be gone before.
 */
extern NeonHttpClient *neon_http_client_create(const NeonHttpConfig *config);

/*
 * Other headers from the next request on.  There must be no transfer: they
 * point to those that the client had when they started.
 */
extern void neon_http_client_set_headers(NeonHttpClient *client,
										 const char *const *headers);

/* Requests from the next one on go to another URL, of the same scheme. */
extern void neon_http_client_set_url(NeonHttpClient *client, const char *url);

/* False when the client is of no more use and must be made anew. */
extern bool neon_http_client_usable(const NeonHttpClient *client);

#endif							/* NEON_HTTP_CLIENT_H */
