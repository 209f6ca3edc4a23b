/*-------------------------------------------------------------------------
 *
 * bind_join/reply.c
 *		The reply to a bind join's request, by itself or with those of other
 *		scans.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/snapshot.h"

#include "bind_join/reply.h"
#include "compat/compat.h"
#include "scan/together.h"

void
neon_bind_send(NeonBindState *state, NeonBindReply *reply,
			   const NeonQuery *query)
{
	EState	   *estate = state->css.ss.ps.state;
	CommandId	cid = estate->es_snapshot->curcid;

	reply->reader = NULL;
	reply->part = NULL;
	reply->spilled = NULL;
	if (state->nbatches == 0)
		reply->part = neon_together_send(estate, state->css.ss.ps.plan,
										 state->user, cid, query,
										 &state->stats);
	if (reply->part == NULL)
		reply->reader = neon_transaction_read(state->user, cid, query, 1,
											  &state->stats);
}

bool
neon_bind_spill(NeonBindState *state, NeonBindReply *reply,
				const NeonQuery *query, int64 limit)
{
	CommandId	cid = state->css.ss.ps.state->es_snapshot->curcid;

	reply->spilled = neon_pieces_spilled(state->user, cid, query,
										 &state->stats);
	if (reply->spilled == NULL)
		return false;
	neon_remote_close(reply->reader);
	reply->reader = NULL;
	reply->limit = limit > 0 ? limit : state->reply_bytes;
	return true;
}

bool
neon_bind_is_open(const NeonBindReply *reply)
{
	return reply->reader != NULL || reply->part != NULL ||
		reply->spilled != NULL;
}

bool
neon_bind_arrives(NeonBindReply *reply, bool *fewer, int64 *limit)
{
	*fewer = reply->reader != NULL;
	*limit = 0;
	if (reply->part == NULL)
		return neon_remote_fits(reply->reader, limit);
	if (neon_part_works(reply->part))
		return true;
	reply->part = NULL;
	return false;
}

const NeonRow *
neon_bind_next_row(NeonBindReply *reply)
{
	if (reply->spilled != NULL)
		return neon_pieces_next_row(reply->spilled);
	return reply->part != NULL ? neon_part_next_row(reply->part) :
		neon_remote_next_row(reply->reader);
}

double
neon_bind_received(const NeonBindReply *reply)
{
	if (reply->spilled != NULL)
		return reply->limit;
	return reply->part != NULL ? neon_part_received(reply->part) :
		neon_remote_received(reply->reader);
}

void
neon_bind_close(NeonBindReply *reply)
{
	if (reply->reader != NULL)
		neon_remote_close(reply->reader);
	if (reply->part != NULL)
		neon_part_close(reply->part);
	if (reply->spilled != NULL)
		neon_pieces_close(reply->spilled);
	reply->reader = NULL;
	reply->part = NULL;
	reply->spilled = NULL;
}
