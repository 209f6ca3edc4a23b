/*-------------------------------------------------------------------------
 *
 * scan/pieces.c
 *		The rows of one statement, in one reply or, if that would be too
 *		large, in several.
 *
 * A table that did not fit into one reply is read in ranges of ctid.  Every
 * row is in exactly one range, and the remote reads only the pages of the
 * range.  The endpoint does not say how large a reply would have been.  So the
 * number of pages that fit is learned from the size of earlier replies.
 *
 * Any other result that did not fit is first kept in a table of the remote
 * (see scan/spill.h), which is read in the same way.  There, rows are in the
 * order of their positions.  Where nothing can be kept, a sorted scan of one
 * table is read in ranges without its order, and sorted here.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "compat/compat.h"
#include "http/account.h"
#include "option/settings.h"
#include "scan/pages.h"
#include "scan/piece.h"
#include "scan/pieces.h"
#include "scan/too_large.h"

static NeonPieces *
new_pieces(UserMapping *user, CommandId cid, const NeonQuery *query,
		   const NeonDivision *division, NeonStats *stats)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "neon pieces",
												  ALLOCSET_SMALL_SIZES);
	NeonPieces *pieces = MemoryContextAllocZero(context, sizeof(NeonPieces));

	pieces->context = context;
	pieces->user = user;
	pieces->cid = cid;
	pieces->query = query;
	pieces->statement = neon_statement_hash(query);
	pieces->stats = stats;
	pieces->division = *division;
	if (division->fetch_ahead < 0)
		pieces->division.fetch_ahead =
			neon_connection_get(user)->options->fetch_ahead;
	pieces->can_spill = neon_spill_possible(user, cid);
	return pieces;
}

/* What is kept on the remote is of one snapshot, and in order. */
static bool
spills_first(const NeonPieces *pieces)
{
	return pieces->can_spill &&
		(pieces->division.table == NULL || pieces->division.unsorted != NULL);
}

NeonPieces *
neon_pieces_open(UserMapping *user, CommandId cid, const NeonQuery *query,
				 const NeonDivision *division, double expected,
				 NeonStats *stats)
{
	NeonPieces *pieces = new_pieces(user, cid, query, division, stats);
	bool		divides;

	/*
	 * Rows that wait for the commit are written anew by each request, at
	 * other places of the table.
	 */
	if (division->table != NULL &&
		(neon_connection_get(user)->options->consistent_reads ||
		 neon_transaction_has_writes(user, cid)))
		pieces->division.table = NULL;

	/* a table is not divided on a guess: it would lose its one snapshot */
	divides = pieces->division.table != NULL && !spills_first(pieces);
	if ((pieces->division.table == NULL && !pieces->can_spill) ||
		!neon_is_too_large(user, query, divides ? 0 : expected))
		pieces->piece.reader = neon_piece_query(pieces, query);
	return pieces;
}

/* ---------- one piece ---------- */

/* The largest reply that the endpoint gives, as far as that is known. */
static int64
reply_limit(const NeonPieces *pieces)
{
	return neon_connection_reply_limit(pieces->user->umid,
									   NEON_LEAST_REPLY_LIMIT);
}

/*
 * Waits for the current piece, and asks for a smaller one until it fits.
 * Those that are in flight behind it no longer follow on it then.
 */
static void
fit_piece(NeonPieces *pieces)
{
	while (!neon_remote_fits(pieces->piece.reader, NULL))
	{
		int64		start = pieces->piece.start;
		int			number = pieces->piece.number;

		pieces->limit = reply_limit(pieces);

		/* It is a single row that does not fit. */
		if (pieces->piece.step <= 1)
			neon_remote_refuse(pieces->piece.reader);
		pieces->step = Max(pieces->piece.step / 2, 1);
		neon_piece_end(&pieces->piece);
		while (pieces->nahead > 0)
			neon_piece_end(&pieces->ahead[--pieces->nahead]);
		neon_piece_start(pieces, &pieces->piece, start, number);
	}
	neon_piece_start_ahead(pieces);
}

/*
 * Makes the piece behind the current one the current one.  Those behind it are
 * asked for before it is waited for: the remote takes its time for each.
 */
static void
next_piece(NeonPieces *pieces)
{
	int64		start = pieces->piece.start + pieces->piece.step;
	int			number = pieces->piece.number + 1;

	neon_piece_end(&pieces->piece);
	if (pieces->nahead > 0)
	{
		pieces->piece = pieces->ahead[0];
		pieces->nahead--;
		memmove(pieces->ahead, pieces->ahead + 1,
				pieces->nahead * sizeof(NeonPiece));
	}
	else
		neon_piece_start(pieces, &pieces->piece, start, number);
	neon_piece_start_ahead(pieces);
	fit_piece(pieces);
}

/* ---------- dividing ---------- */

/* A first guess: rows take about as much space in the reply as on a page. */
static void
start_first_piece(NeonPieces *pieces, int64 pages)
{
	pieces->divided = true;
	pieces->limit = reply_limit(pieces);
	pieces->end = pages * NEON_POSITIONS_PER_PAGE;
	pieces->step = Max(pieces->limit / 2 / BLCKSZ, 1) * NEON_POSITIONS_PER_PAGE;
	pieces->step = Min(pieces->step, Max(pieces->end / 2, 1));
	neon_piece_end(&pieces->piece);
	neon_piece_start(pieces, &pieces->piece, 0, 1);
	neon_piece_start_ahead(pieces);
	fit_piece(pieces);
}

/* Reads the table in ranges.  False if it is none that has pages. */
static bool
divide(NeonPieces *pieces)
{
	const char *table = pieces->division.table;
	int64		pages;

	if (table == NULL)
		return false;
	pages = neon_count_pages(pieces->user, pieces->cid, table, pieces->stats);
	if (pages == 0)
		return false;
	neon_warn_of_pieces(pieces->user, table, reply_limit(pieces));
	if (pieces->division.unsorted != NULL)
	{
		pieces->other_query = *pieces->query;
		pieces->other_query.sql = pieces->division.unsorted;
		pieces->query = &pieces->other_query;
	}
	start_first_piece(pieces, pages);
	return true;
}

/* ---------- spilling ---------- */

/*
 * Keeps the result on the remote, and reads it from there.  False if it cannot
 * be kept.
 */
static bool
spill(NeonPieces *pieces)
{
	MemoryContext old;

	if (!pieces->can_spill)
		return false;
	old = MemoryContextSwitchTo(pieces->context);
	pieces->spill = neon_spill_create(pieces->user, pieces->cid,
									  pieces->query, pieces->stats);
	MemoryContextSwitchTo(old);
	if (pieces->spill == NULL)
		return false;
	neon_account_spill(pieces->spill->connection, pieces->spill->rows);
	pieces->other_query.sql = pieces->spill->sql;
	pieces->other_query.read = NEON_READ_INTERNAL;
	pieces->other_query.ncolumns = pieces->query->ncolumns;
	pieces->query = &pieces->other_query;
	pieces->division.has_where = false;
	start_first_piece(pieces, pieces->spill->pages);
	return true;
}

/* Would all of it have fitted into one reply? */
static void
note_size(NeonPieces *pieces)
{
	int64		received = pieces->received +
		neon_remote_received(pieces->piece.reader);

	neon_note_too_large(pieces->user, pieces->statement,
						received >= pieces->limit * NEON_PIECE_SHARE);
}

/* The current piece has no more rows: is it the last one? */
static bool
is_complete(NeonPieces *pieces)
{
	if (!pieces->divided)
		return true;
	if (!pieces->piece.last)
		return false;
	if (pieces->spill != NULL)
		neon_spill_check(pieces->spill, pieces->rows);
	note_size(pieces);
	return true;
}

/* ---------- reading ---------- */

/*
 * Waits for the first reply, and reads in another way if it is too large.  If
 * nothing was sent yet, it is known to be.
 */
static void
begin(NeonPieces *pieces)
{
	bool		is_known = pieces->piece.reader == NULL;

	pieces->begun = true;
	if (!is_known)
	{
		if ((pieces->division.table == NULL && !pieces->can_spill) ||
			neon_remote_fits(pieces->piece.reader, NULL))
			return;
		neon_note_too_large(pieces->user, pieces->statement, true);
	}
	if (spills_first(pieces) ? spill(pieces) || divide(pieces) :
		divide(pieces) || spill(pieces))
		return;
	if (is_known)
		pieces->piece.reader = neon_piece_query(pieces, pieces->query);
	else
		neon_remote_refuse(pieces->piece.reader);
}

NeonPieces *
neon_pieces_spilled(UserMapping *user, CommandId cid, const NeonQuery *query,
					NeonStats *stats)
{
	static const NeonDivision none = {.fetch_ahead = -1};
	NeonPieces *pieces = new_pieces(user, cid, query, &none, stats);

	pieces->begun = true;
	if (spill(pieces))
		return pieces;
	neon_pieces_close(pieces);
	return NULL;
}

bool
neon_pieces_in_order(NeonPieces *pieces)
{
	if (!pieces->begun)
		begin(pieces);
	return !pieces->divided || pieces->spill != NULL ||
		pieces->division.unsorted == NULL;
}

bool
neon_pieces_ready(NeonPieces *pieces, int64 *deadline)
{
	return pieces->piece.reader == NULL ||
		neon_remote_ready(pieces->piece.reader, deadline);
}

const char *
neon_pieces_fields(NeonPieces *pieces)
{
	return neon_remote_fields(pieces->piece.reader);
}

/*
 * Has the current piece, behind which others come, arrived since the row before?
 * Its last rows are still to be read then, unless it is at its end.
 */
static bool
has_arrived(const NeonPieces *pieces, bool ended)
{
	return pieces->divided && !pieces->piece.last && !pieces->piece.arrived &&
		(ended || neon_remote_arrived(pieces->piece.reader));
}

const NeonRow *
neon_pieces_next_row(NeonPieces *pieces)
{
	if (!pieces->begun)
		begin(pieces);

	for (;;)
	{
		const NeonRow *row = neon_remote_next_row(pieces->piece.reader);

		if (row == NULL && is_complete(pieces))
			return NULL;
		if (has_arrived(pieces, row == NULL))
			neon_piece_arrived(pieces);
		if (row != NULL)
		{
			pieces->rows++;
			return row;
		}
		next_piece(pieces);
	}
}

void
neon_pieces_close(NeonPieces *pieces)
{
	NeonSpill  *spilled = pieces->spill;
	NeonStats  *stats = pieces->stats;

	MemoryContextDelete(pieces->context);
	if (spilled != NULL)
		neon_spill_drop(spilled, stats);
}
