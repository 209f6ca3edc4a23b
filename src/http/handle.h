/*-------------------------------------------------------------------------
 *
 * http/handle.h
 *		What libcurl needs of a client: configured handles.
 *
 * Only http/client.c and http/transfer.c have to do with these.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_HTTP_HANDLE_H
#define NEON_HTTP_HANDLE_H

#include "http/config.h"
#include "http/multi.h"

struct NeonHttpClient
{
	NeonMulti  *multi;			/* with the kept connections, or NULL */
	CURL	   *idle;			/* a configured handle not in use, or NULL */
	CURL	   *unfinished;		/* one that is being configured, or NULL */
	MemoryContext context;		/* that the client lives in */
	int			transfers;		/* of which more is to come */
	char	   *idle_buffer;	/* of a transfer that ended, or NULL */
	struct curl_slist *headers; /* of every request */
	bool		authorities_by_file;	/* those found by name were too few */
	char		tls_version[NEON_TLS_VERSION_SIZE]; /* "" as long as unknown */
	MemoryContextCallback cleanup;

	/* copies, because handles are made as they are needed */
	NeonHttpConfig config;
};

/*
 * The multi handle for the client's next transfer.  A transfer that is in it
 * may retire it: what comes later connects anew.
 */
extern NeonMulti *neon_http_client_multi(NeonHttpClient *client);
extern void neon_http_client_retire(NeonHttpClient *client, NeonMulti *multi);

/*
 * Takes a configured easy handle from the client, and gives it back; to give
 * it back cannot throw.
 */
extern CURL *neon_handle_take(NeonHttpClient *client);
extern void neon_handle_give(NeonHttpClient *client, CURL *easy);

/* For a request of this kind, which is told in the trace. */
extern void neon_handle_set_kind(NeonHttpClient *client, CURL *easy,
								 NeonRequestKind kind, NeonTrace *trace);

/*
 * After a certificate was not verified: makes a handle, and those to come, use
 * all authorities that the system trusts, see http/authorities.h.  False: that
 * would change nothing.
 */
extern bool neon_handle_trust_file(NeonHttpClient *client, CURL *easy);

/*
 * A request's own headers, NULL-terminated, in front of the client's; links
 * are the list's new elements.
 */
extern struct curl_slist *neon_handle_link_headers(NeonHttpClient *client,
												   const char *const *headers,
												   struct curl_slist *links);

/*
 * For a handle that sends nothing and is not given back: verifies the
 * endpoint's certificate no more.  That of an https proxy is still verified,
 * because the proxy may be sent credentials.
 */
extern void neon_handle_trust_anybody(CURL *easy);

/* How long a kept connection may have been idle; less if it is sent once. */
extern void neon_handle_set_idle(CURL *easy, bool once);

/*
 * Reports the end of a request to the client's owner.  libcurl says the version
 * of TLS when it connects, and only if asked to be verbose: once is enough for
 * a client.
 */
extern void neon_handle_report(NeonHttpClient *client, NeonTrace *trace);

/*
 * Takes and gives back the buffer that the body of a reply goes through; all
 * buffers have the same size.  One is kept, because to return so much memory to the system and to get it
 * back costs a short request a tenth of its time.
 */
extern char *neon_handle_take_buffer(NeonHttpClient *client, size_t size);
extern void neon_handle_give_buffer(NeonHttpClient *client, char *buffer);

#endif							/* NEON_HTTP_HANDLE_H */
