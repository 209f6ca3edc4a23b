/*-------------------------------------------------------------------------
 *
 * http/client.h
 *		What the two halves of http/transfer.h share: settings and transfers.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_HTTP_CLIENT_H
#define NEON_HTTP_CLIENT_H

#include "http/multi.h"
#include "http/transfer.h"

struct NeonHttpClient
{
	NeonMulti  *multi;
	CURL	   *idle;			/* a configured handle not in use, or NULL */
	CURL	   *unfinished;		/* one that is being configured, or NULL */
	MemoryContext context;		/* that the client lives in */
	char	   *idle_buffer;	/* of a transfer that ended, or NULL */
	struct curl_slist *headers; /* of every request */
	bool		tells_handshake;	/* libcurl has a callback for it */
	char		tls_version[NEON_TLS_VERSION_SIZE]; /* "" as long as unknown */
	MemoryContextCallback cleanup;

	/* copies, because handles are made as they are needed */
	NeonHttpConfig config;
};

/* Takes a configured easy handle, gives it back.  The second cannot throw. */
extern CURL *neon_http_client_take(NeonHttpClient *client);
extern void neon_http_client_give(NeonHttpClient *client, CURL *easy);

/*
 * For a handle that sends nothing and is not given back: verifies the
 * endpoint's certificate no more.  That of an https proxy is still verified,
 * because the proxy may be sent credentials.
 */
extern void neon_http_client_trust_anybody(CURL *easy);

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

/* How http/transfer.c hears of finished transfers and of what they send. */
extern void neon_transfer_done(CURL *easy, CURLcode result);
extern size_t neon_transfer_write(char *data, size_t size, size_t n,
								  void *client);
extern size_t neon_transfer_header(char *data, size_t size, size_t n,
								   void *client);
extern CURLcode neon_transfer_handshake(CURL *easy, void *ssl_ctx,
										void *client);
extern int	neon_transfer_prereq(void *client, char *remote, char *local,
								 int remote_port, int local_port);

/* http/trace.c: hears libcurl's verbose output, and asks it for the rest. */
extern int	neon_trace_debug(CURL *easy, curl_infotype type, char *data,
							 size_t size, void *client);
extern int64 neon_trace_now(const NeonTrace *trace);

/* A step that needs a connection begins: notes where the connection leads. */
extern void neon_trace_connected(NeonTrace *trace);
extern void neon_trace_fill(CURL *easy, NeonTrace *trace);

#endif							/* NEON_HTTP_CLIENT_H */
