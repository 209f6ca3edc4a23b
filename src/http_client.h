/*-------------------------------------------------------------------------
 *
 * http_client.h
 *		What the two halves of http.h share: settings and transfers.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_HTTP_CLIENT_H
#define NEON_HTTP_CLIENT_H

#include "http.h"
#include "wait_curl.h"

struct NeonHttpClient
{
	NeonMulti  *multi;
	CURL	   *idle;			/* a configured handle not in use, or NULL */
	CURL	   *unfinished;		/* one that is being configured, or NULL */
	MemoryContext context;		/* that the client lives in */
	char	   *idle_buffer;	/* of a transfer that ended, or NULL */
	struct curl_slist *headers; /* of every request */
	bool		tells_handshake;	/* libcurl has a callback for it */
	MemoryContextCallback cleanup;

	/* copies, because handles are made as they are needed */
	NeonHttpConfig config;
};

/* Takes a configured easy handle, gives it back.  The second cannot throw. */
extern CURL *neon_http_client_take(NeonHttpClient *client);
extern void neon_http_client_give(NeonHttpClient *client, CURL *easy);

/*
 * Likewise for the buffer that a body goes through; all have the same size.
 * One is kept, because to return so much memory to the system and to get it
 * back costs a short request a tenth of its time.
 */
extern char *neon_http_client_take_buffer(NeonHttpClient *client, size_t size);
extern void neon_http_client_give_buffer(NeonHttpClient *client, char *buffer);

/* Throws unless libcurl took the option. */
extern void neon_http_check(CURLcode rc, const char *option);

#define NEON_SETOPT(easy, option, value) \
	neon_http_check(curl_easy_setopt(easy, option, value), #option)

/* How http.c hears of finished transfers and of what they send. */
extern void neon_transfer_done(CURL *easy, CURLcode result);
extern size_t neon_transfer_write(char *data, size_t size, size_t n,
								  void *client);
extern size_t neon_transfer_header(char *data, size_t size, size_t n,
								   void *client);
extern CURLcode neon_transfer_handshake(CURL *easy, void *ssl_ctx,
										void *client);
extern int	neon_transfer_prereq(void *client, char *remote, char *local,
								 int remote_port, int local_port);

#endif							/* NEON_HTTP_CLIENT_H */
