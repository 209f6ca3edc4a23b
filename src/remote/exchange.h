/*-------------------------------------------------------------------------
 *
 * remote/exchange.h
 *		A request and its reply, sent again where that does no harm.
 *
 * An exchange goes through one or more attempts: each is a transfer and a
 * decoder in a memory context of their own.  Another attempt is made only
 * while the caller has been told nothing yet, so that what it sees is always
 * one reply, from one snapshot.
 *
 * Only remote/remote.c has to do with this; everybody else has a NeonReader.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_REMOTE_EXCHANGE_H
#define NEON_REMOTE_EXCHANGE_H

#include "json/response.h"
#include "remote/batch.h"
#include "remote/error.h"
#include "remote/stats.h"

typedef struct NeonExchange
{
	MemoryContext context;		/* holds all of it */
	NeonConnection *connection; /* held as long as the exchange lives */
	NeonStats  *stats;

	/* the request, kept for another attempt */
	NeonBatchKind kind;
	NeonBatchRequest batch;
	bool		awaited;		/* somebody has waited for the reply */
	int64		deadline;		/* for the reply to begin, all attempts */
	const NeonError *unsent;	/* why it was not sent at all, NULL: it was */
	int			retries;
	NeonInstead instead;		/* makes another request, see NeonBatch */
	void	   *instead_arg;
	NeonActivity *activity;		/* NULL: it is not shown, or not any more */
	int64		rows_sent;		/* in all attempts */
	int64		rows_received;
	NeonError  *unreachable;	/* why the other host was not, NULL: no such */
	bool		asked_limit;
	bool		told;			/* the caller knows something of the reply */

	/* this attempt */
	MemoryContext attempt;
	NeonTransfer *transfer;
	NeonResponse *response;
	bool		on_own_host;	/* sent to the endpoint's own host */
	int			sent;			/* times libcurl sent it, as far as counted */
	bool		begun;			/* the reply has, or will not come at all */
	int64		received;		/* bytes of the reply's body */
	int			complete;		/* results that have arrived in full */
	bool		logged;			/* if it was slow */

	/* errors that the caller wants returned, and the one that came */
	const int  *expected;		/* SQLSTATEs, ends with 0; NULL: none */
	bool		expects_too_large;	/* the endpoint's refusal of a reply */
	bool		expects_failure;	/* of one of the statements */
	bool		expects_any;	/* whatever it is */
	const NeonError *refusal;	/* NULL: none so far */
} NeonExchange;

/*
 * Sends the batch and returns without waiting.  The exchange's context,
 * connection and stats are set by the caller, the rest is zero.
 */
extern void neon_exchange_start(NeonExchange *exchange,
								const NeonBatch *batch);

/*
 * Waits for more of the reply and gives it to the decoder, or makes another
 * attempt, which begins a new reply.  Throws when the exchange has failed,
 * unless the error is an expected one: then that is the refusal, and there is
 * no more to come.
 */
extern void neon_exchange_continue(NeonExchange *exchange);

/* Logs this attempt, once, if it was slow. */
extern void neon_exchange_log(NeonExchange *exchange);

/*
 * The exchange is over, also if the reply was not read to its end: nobody sees
 * it under way any more.  Does not throw.
 */
extern void neon_exchange_end(NeonExchange *exchange);

/* Somebody waits for the reply from now on, who has a limited time. */
extern void neon_exchange_await(NeonExchange *exchange);

/* Throws the error with which the exchange ends. */
pg_noreturn extern void neon_exchange_throw(NeonExchange *exchange,
											const NeonError *error);

/* Throws because the reply is no valid one, as the decoder has found out. */
pg_noreturn extern void neon_exchange_broken(NeonExchange *exchange);

#endif							/* NEON_REMOTE_EXCHANGE_H */
