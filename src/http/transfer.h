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

#include "http/client.h"
#include "http/config.h"
#include "http/failure.h"
#include "http/trace.h"

typedef struct NeonTransfer NeonTransfer;

typedef struct NeonRequest
{
	const char *body;
	size_t		len;
	const char *const *headers; /* more "Name: value", NULL-terminated */
	NeonRequestKind kind;
	NeonRequestPurpose purpose;
	NeonActivity *activity;		/* NULL: nobody sees it */

	/*
	 * Never sent twice: what libcurl would repeat by itself, because a kept
	 * connection turned out to be closed, fails instead.
	 */
	bool		once;
} NeonRequest;

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
 * The deadline on neon_clock() ends the transfer with a failure, and so does
 * a stall: so many milliseconds (0: no limit) without a byte of the body once
 * the reply's headers have begun to arrive.
 */
extern size_t neon_transfer_read(NeonTransfer *transfer, const char **data,
								 int64 deadline, int64 stall,
								 instr_time *waited);

/*
 * True if neon_transfer_read() would return at once.  Otherwise neon_wait()
 * lets more bytes come; what was read last is not valid any more.
 */
extern bool neon_transfer_ready(NeonTransfer *transfer);

/* Has all of the reply arrived, and been read by neon_transfer_read()? */
extern bool neon_transfer_arrived(const NeonTransfer *transfer);

/* Why the transfer failed; NULL as long as nothing has failed. */
extern const NeonFailure *neon_transfer_failure(NeonTransfer *transfer);

/* HTTP status, 0 before it is known. */
extern int	neon_transfer_status(NeonTransfer *transfer);

/* The id that the reply gives the request, "" if it gives none. */
extern const char *neon_transfer_request_id(NeonTransfer *transfer);

/*
 * How often the request was sent: libcurl repeats one by itself when a kept
 * connection turns out to be closed before a byte of reply.
 */
extern int	neon_transfer_attempts(NeonTransfer *transfer);

/* Tells the activity of the request no more. */
extern void neon_transfer_unwatch(NeonTransfer *transfer);

/*
 * How the transfer went so far; complete once neon_transfer_read() has
 * returned 0.  Lives as long as the transfer.
 */
extern const NeonTrace *neon_transfer_trace(NeonTransfer *transfer);

#endif							/* NEON_HTTP_TRANSFER_H */
