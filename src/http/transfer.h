/*-------------------------------------------------------------------------
 *
 * http/transfer.h
 *		POST requests over kept connections, replies read as a stream.
 *
 * Knows HTTP and TLS, nothing of what is in requests and replies.  A
 * NeonHttpClient holds the settings and the open connections, a NeonTransfer
 * is one request with its reply.  Nothing blocks uninterruptibly.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_HTTP_TRANSFER_H
#define NEON_HTTP_TRANSFER_H

#include "portability/instr_time.h"

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

typedef struct NeonHttpClient NeonHttpClient;
typedef struct NeonTransfer NeonTransfer;

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

/* False when the client is of no more use and must be made anew. */
extern bool neon_http_client_usable(const NeonHttpClient *client);

/* Where a transfer stood when it failed. */
typedef enum NeonPhase
{
	NEON_PHASE_SETUP,
	NEON_PHASE_RESOLVE,
	NEON_PHASE_CONNECT,
	NEON_PHASE_PROXY,
	NEON_PHASE_TLS,
	NEON_PHASE_SEND,
	NEON_PHASE_WAIT,			/* for the reply to begin */
	NEON_PHASE_BODY
} NeonPhase;

typedef struct NeonFailure
{
	NeonPhase	phase;
	bool		timeout;
	bool		certificate;	/* the peer's could not be verified */
	bool		cafile;			/* the file with authorities is unusable */
	bool		permanent;		/* would fail again in the same way */
	bool		sent;			/* anything of the request may have left */
	int			proxy_status;	/* a proxy's refusal, 0 if none */
	char		text[256];		/* libcurl's words, may hold secrets */
} NeonFailure;

typedef enum NeonRequestKind
{
	NEON_REQUEST_NORMAL,

	/* over a connection of its own, so that every step can be seen */
	NEON_REQUEST_TRACED,

	/*
	 * Only connects, whatever the certificate, to learn what it says; sends
	 * nothing of the request, no credentials either, and is not reported.
	 */
	NEON_REQUEST_PROBE
} NeonRequestKind;

typedef struct NeonRequest
{
	const char *body;
	size_t		len;
	const char *const *headers; /* more "Name: value", NULL-terminated */
	NeonRequestKind kind;

	/*
	 * Never sent twice: what libcurl would repeat by itself, because a kept
	 * connection turned out to be closed, fails instead.
	 */
	bool		once;
} NeonRequest;

#define NEON_MAX_REQUEST_HEADERS	4

/*
 * Starts a request and returns without waiting.  What the request points to
 * must live as long as the transfer.  The transfer belongs to the current
 * memory context; when that is reset, or at neon_transfer_end(), a reply
 * that is not complete is cut off: the HTTP/1 connection is closed, the
 * HTTP/2 stream reset.
 */
extern NeonTransfer *neon_transfer_start(NeonHttpClient *client,
										 const NeonRequest *request);
extern void neon_transfer_end(NeonTransfer *transfer);

/*
 * Next bytes of the reply's body, borrowed until the next call; waits for
 * them.  Returns 0 at the end, when neon_transfer_failure() tells whether
 * the reply is complete.  From the first call that returned, the status and
 * the request id are known if they ever come.
 *
 * A stall of more than timeout milliseconds (0: no limit), or the deadline
 * on neon_clock(), ends the transfer with a failure.
 */
extern size_t neon_transfer_read(NeonTransfer *transfer, const char **data,
								 int64 deadline, int64 stall,
								 instr_time *waited);

/* NULL as long as nothing failed. */
extern const NeonFailure *neon_transfer_failure(NeonTransfer *transfer);

/* HTTP status, 0 before it is known. */
extern int	neon_transfer_status(NeonTransfer *transfer);

/* "" when the reply has none. */
extern const char *neon_transfer_request_id(NeonTransfer *transfer);

/*
 * How often the request was sent: libcurl repeats one by itself when a kept
 * connection turns out to be closed before a byte of reply.
 */
extern int	neon_transfer_attempts(NeonTransfer *transfer);

/*
 * How it went so far; complete once neon_transfer_read() returned 0.  Lives as
 * long as the transfer.
 */
extern const NeonTrace *neon_transfer_trace(NeonTransfer *transfer);

#endif							/* NEON_HTTP_TRANSFER_H */
