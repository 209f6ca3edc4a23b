/*-------------------------------------------------------------------------
 *
 * scan/piece.c
 *		Asking for the pieces of a result, those ahead included.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/memutils.h"

#include "compat/compat.h"
#include "scan/pages.h"
#include "scan/piece.h"

/* How much larger a piece may grow at once. */
#define MAX_GROWTH			4.0

/*
 * What is kept of a result does not change: what the transaction has read is
 * checked when it is kept, and by requests to come.
 */
NeonReader *
neon_piece_query(NeonPieces *pieces, const NeonQuery *query)
{
	MemoryContext old = MemoryContextSwitchTo(pieces->context);
	NeonReader *reader;

	if (pieces->spill != NULL)
		reader = neon_remote_read(pieces->spill->connection, query, 1,
								  pieces->stats);
	else
		reader = neon_transaction_read(pieces->user, pieces->cid, query, 1,
									   pieces->stats);
	MemoryContextSwitchTo(old);
	return reader;
}

/* How many there will be, if all that follow are as long as this one. */
static int
expected_pieces(NeonPieces *pieces, const NeonPiece *piece)
{
	int64		left = pieces->end - piece->start;
	int64		more = (left + piece->step - 1) / piece->step;

	return (int) Min(piece->number - 1 + Max(more, 1), INT_MAX);
}

/* Asks for a piece that begins at start and is as long as seems to fit. */
void
neon_piece_start(NeonPieces *pieces, NeonPiece *piece, int64 start, int number)
{
	MemoryContext old = MemoryContextSwitchTo(pieces->context);
	NeonQuery	query = *pieces->query;
	const char **params = palloc((query.nparams + 2) * sizeof(char *));
	StringInfoData sql;

	piece->start = start;
	piece->number = number;
	piece->step = pieces->step;
	piece->last = start + piece->step >= pieces->end;
	piece->arrived = false;
	memcpy(params, query.params, query.nparams * sizeof(char *));
	initStringInfo(&sql);
	appendStringInfo(&sql, "%s %s ctid >= $%d::tid", query.sql,
					 pieces->division.has_where ? "AND" : "WHERE", query.nparams + 1);
	params[query.nparams++] = neon_tid_text(start);
	if (!piece->last)
	{
		appendStringInfo(&sql, " AND ctid < $%d::tid", query.nparams + 1);
		params[query.nparams++] = neon_tid_text(start + piece->step);
	}
	if (pieces->spill != NULL)
		appendStringInfoString(&sql, " ORDER BY ctid");
	query.sql = sql.data;
	query.reads = NULL;
	query.alone = false;
	query.params = params;
	piece->reader = neon_piece_query(pieces, &query);
	neon_remote_piece(piece->reader, number, expected_pieces(pieces, piece));
	pfree(sql.data);
	pfree(params);
	MemoryContextSwitchTo(old);
}

void
neon_piece_end(NeonPiece *piece)
{
	if (piece->reader != NULL)
		neon_remote_close(piece->reader);
	piece->reader = NULL;
}

/* May another request be sent while some are on their way? */
static bool
may_send(NeonPieces *pieces)
{
	const NeonConnection *connection = neon_connection_get(pieces->user);

	return neon_http_client_transfers(connection->client) <
		connection->options->max_connections;
}

/* Starts pieces until enough are in flight behind the current one. */
void
neon_piece_start_ahead(NeonPieces *pieces)
{
	NeonPiece  *behind = pieces->nahead > 0 ?
		&pieces->ahead[pieces->nahead - 1] : &pieces->piece;
	int			most = pieces->division.fetch_ahead;

	/* the current one is not on its way any more */
	if (most > 0 && pieces->piece.arrived)
		most++;

	while (pieces->nahead < most && !behind->last &&
		   may_send(pieces))
	{
		NeonPiece  *next = &pieces->ahead[pieces->nahead];

		neon_piece_start(pieces, next, behind->start + behind->step,
						 behind->number + 1);
		pieces->nahead++;
		behind = next;
	}
}

/* ---------- a piece has arrived ---------- */

static void
adapt_step(NeonPieces *pieces)
{
	double		received = neon_remote_received(pieces->piece.reader);
	double		growth = pieces->limit * NEON_PIECE_SHARE / Max(received, 1);
	double		step;

	step = pieces->piece.step * Min(growth, MAX_GROWTH);
	pieces->step = (int64) Min(Max(step, 1), (double) pieces->end);
	pieces->received += received;
}

void
neon_piece_arrived(NeonPieces *pieces)
{
	pieces->piece.arrived = true;
	adapt_step(pieces);
	neon_piece_start_ahead(pieces);
}
