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
 * Makes a client, which belongs to the current memory context: its connections
 * are closed when the context is reset.  The config is only read during the
 * call.  Every transfer of the client must be gone before the client.
 */
extern NeonHttpClient *neon_http_client_create(const NeonHttpConfig *config);

/*
 * Sets the headers of all requests from the next one on.  The client must have
 * no transfer meanwhile: a transfer points to the headers that the client had
 * when it started.
 */
extern void neon_http_client_set_headers(NeonHttpClient *client,
										 const char *const *headers);

/* Requests from the next one on go to another URL, of the same scheme. */
extern void neon_http_client_set_url(NeonHttpClient *client, const char *url);

/* False when the client is of no more use and must be made anew. */
extern bool neon_http_client_usable(const NeonHttpClient *client);

/* Transfers of whose replies more is to come. */
extern int	neon_http_client_transfers(const NeonHttpClient *client);

#endif							/* NEON_HTTP_CLIENT_H */
