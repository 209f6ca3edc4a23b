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

#include "lib/stringinfo.h"
#include "utils/memutils.h"

#include "compat/compat.h"
#include "http/account.h"
#include "option/settings.h"
#include "scan/pages.h"
#include "scan/pieces.h"
#include "scan/spill.h"
#include "scan/too_large.h"

/*
 * The part of the limit to aim at, and how much larger a piece may grow at
 * once.
 */
#define TARGET_SHARE		0.7
#define MAX_GROWTH			4.0

/* One range that was asked for. */
typedef struct Piece
{
	NeonReader *reader;			/* NULL: not in flight */
	int64		start;
	int64		step;			/* positions; the last piece is open-ended */
	bool		last;
	int			number;			/* from 1 on */
} Piece;

struct NeonPieces
{
	MemoryContext context;
	UserMapping *user;
	CommandId	cid;			/* it sees writes of commands before this one */
	const NeonQuery *query;
	uint64		statement;		/* neon_statement_hash() of what was given:
								 * query may read a spill, the caller's may be
								 * gone */
	NeonDivision division;
	bool		can_spill;		/* the whole result */
	NeonSpill  *spill;			/* the table is this one; NULL: none */
	NeonQuery	other_query;	/* which reads it, or without an order */
	int64		rows;			/* so far */
	int64		received;		/* bytes of earlier pieces */
	NeonStats  *stats;

	bool		begun;			/* the first reply has begun */
	bool		divided;
	int64		limit;			/* of a reply, in bytes */
	int64		end;			/* position behind the last page */
	int64		step;			/* for the next piece */
	Piece		piece;			/* being read; the only one if not divided */
	Piece		ahead[NEON_MAX_FETCH_AHEAD];	/* in flight meanwhile, the
												 * next one first */
	int			nahead;
};

/*
 * What is kept of a result does not change: what the transaction has read is
 * checked when it is kept, and by requests to come.
 */
static NeonReader *
start_query(NeonPieces *pieces, const NeonQuery *query)
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
		pieces->piece.reader = start_query(pieces, query);
	return pieces;
}

/* ---------- one piece ---------- */

/* How many there will be, if all that follow are as long as this one. */
static int
expected_pieces(NeonPieces *pieces, const Piece *piece)
{
	int64		left = pieces->end - piece->start;
	int64		more = (left + piece->step - 1) / piece->step;

	return (int) Min(piece->number - 1 + Max(more, 1), INT_MAX);
}

/* Asks for a piece that begins at start and is as long as seems to fit. */
static void
start_piece(NeonPieces *pieces, Piece *piece, int64 start, int number)
{
	MemoryContext old = MemoryContextSwitchTo(pieces->context);
	NeonQuery	query = *pieces->query;
	const char **params = palloc((query.nparams + 2) * sizeof(char *));
	StringInfoData sql;

	piece->start = start;
	piece->number = number;
	piece->step = pieces->step;
	piece->last = start + piece->step >= pieces->end;
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
	piece->reader = start_query(pieces, &query);
	neon_remote_piece(piece->reader, number, expected_pieces(pieces, piece));
	pfree(sql.data);
	pfree(params);
	MemoryContextSwitchTo(old);
}

static void
end_piece(Piece *piece)
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
static void
start_ahead(NeonPieces *pieces)
{
	Piece	   *behind = pieces->nahead > 0 ?
		&pieces->ahead[pieces->nahead - 1] : &pieces->piece;

	while (pieces->nahead < pieces->division.fetch_ahead && !behind->last &&
		   may_send(pieces))
	{
		Piece	   *next = &pieces->ahead[pieces->nahead];

		start_piece(pieces, next, behind->start + behind->step,
					behind->number + 1);
		pieces->nahead++;
		behind = next;
	}
}

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
		end_piece(&pieces->piece);
		while (pieces->nahead > 0)
			end_piece(&pieces->ahead[--pieces->nahead]);
		start_piece(pieces, &pieces->piece, start, number);
	}
	start_ahead(pieces);
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

	end_piece(&pieces->piece);
	if (pieces->nahead > 0)
	{
		pieces->piece = pieces->ahead[0];
		pieces->nahead--;
		memmove(pieces->ahead, pieces->ahead + 1,
				pieces->nahead * sizeof(Piece));
	}
	else
		start_piece(pieces, &pieces->piece, start, number);
	start_ahead(pieces);
	fit_piece(pieces);
}

/* Sets the length of later pieces by the size of the current one's reply. */
static void
adapt_step(NeonPieces *pieces)
{
	double		received = neon_remote_received(pieces->piece.reader);
	double		growth = pieces->limit * TARGET_SHARE / Max(received, 1);
	double		step;

	step = pieces->piece.step * Min(growth, MAX_GROWTH);
	pieces->step = (int64) Min(Max(step, 1), (double) pieces->end);
	pieces->received += received;
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
	end_piece(&pieces->piece);
	start_piece(pieces, &pieces->piece, 0, 1);
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
						received >= pieces->limit * TARGET_SHARE);
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
		pieces->piece.reader = start_query(pieces, pieces->query);
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

const NeonRow *
neon_pieces_next_row(NeonPieces *pieces)
{
	if (!pieces->begun)
		begin(pieces);

	for (;;)
	{
		const NeonRow *row = neon_remote_next_row(pieces->piece.reader);

		if (row != NULL)
		{
			pieces->rows++;
			return row;
		}
		if (is_complete(pieces))
			return NULL;
		adapt_step(pieces);
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
