/*-------------------------------------------------------------------------
 *
 * bind_join/reply.h
 *		The reply to a bind join's request, by itself or with those of other
 *		scans.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_BIND_JOIN_REPLY_H
#define NEON_BIND_JOIN_REPLY_H

#include "bind_join/state.h"
#include "scan/pieces.h"
#include "scan/shared_reply.h"

/* One of them at most; neither: there are no (more) rows to come. */
typedef struct NeonBindReply
{
	NeonReader *reader;			/* of a request of its own */
	NeonPart   *part;			/* of a request with other scans' statements */
	NeonPieces *spilled;		/* see neon_bind_spill() */
	int64		limit;			/* that it was over */
} NeonBindReply;

/*
 * Sends a query.  The first one of the plan node takes along what other scans
 * of the statement wait for (see scan/together.h).  Allocates in the current
 * memory context.
 */
extern void neon_bind_send(NeonBindState *state, NeonBindReply *reply,
						   const NeonQuery *query);

/*
 * The reply to this query has exceeded the limit: its rows are kept on the
 * remote, and read from there.  False if they cannot be kept.
 */
extern bool neon_bind_spill(NeonBindState *state, NeonBindReply *reply,
							const NeonQuery *query, int64 limit);

extern bool neon_bind_is_open(const NeonBindReply *reply);

/*
 * Waits for the reply.  False if the query has to be sent again: for fewer
 * keys if *fewer, because the reply exceeds the endpoint's limit (*limit, 0:
 * not known), else for the same ones.
 */
extern bool neon_bind_arrives(NeonBindReply *reply, bool *fewer,
							  int64 *limit);

/* As neon_remote_next_row(). */
extern const NeonRow *neon_bind_next_row(NeonBindReply *reply);

/* Bytes that have been received. */
extern double neon_bind_received(const NeonBindReply *reply);

/* Ends the transfer where it is. */
extern void neon_bind_close(NeonBindReply *reply);

#endif							/* NEON_BIND_JOIN_REPLY_H */
