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
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "lib/stringinfo.h"
#include "storage/block.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "compat/compat.h"
#include "option/settings.h"
#include "scan/pieces.h"

/*
 * A position in a table is a page number times this plus the row's offset on
 * the page.  The largest page, of 32 kB, has fewer rows than this.
 */
#define POSITIONS_PER_PAGE	2048

/*
 * The part of the limit to aim at, and how much larger a piece may grow at
 * once.
 */
#define TARGET_SHARE		0.7
#define MAX_GROWTH			4.0

/* Assumed when the endpoint does not name its limit. */
#define DEFAULT_LIMIT		(10 * 1024 * 1024)

/* One range that was asked for. */
typedef struct Piece
{
	NeonReader *reader;			/* NULL: not in flight */
	int64		start;
	int64		step;			/* positions; the last piece is open-ended */
	bool		last;
} Piece;

struct NeonPieces
{
	MemoryContext context;
	UserMapping *user;
	CommandId	cid;			/* it sees writes of commands before this one */
	const NeonQuery *query;
	const char *table;
	bool		has_where;
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
	int			fetch_ahead;	/* how many there are to be */
};

static NeonReader *
start_query(NeonPieces *pieces, const NeonQuery *query)
{
	MemoryContext old = MemoryContextSwitchTo(pieces->context);
	NeonReader *reader;

	reader = neon_transaction_read(pieces->user, pieces->cid, query, 1,
								   pieces->stats);
	MemoryContextSwitchTo(old);
	return reader;
}

NeonPieces *
neon_pieces_open(UserMapping *user, CommandId cid, const NeonQuery *query,
				 const char *table, bool has_where, int fetch_ahead,
				 NeonStats *stats)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "neon pieces",
												  ALLOCSET_SMALL_SIZES);
	NeonPieces *pieces = MemoryContextAllocZero(context, sizeof(NeonPieces));

	pieces->context = context;
	pieces->user = user;
	pieces->cid = cid;
	pieces->query = query;
	pieces->table = table;
	pieces->has_where = has_where;
	pieces->stats = stats;
	pieces->fetch_ahead = fetch_ahead;
	if (fetch_ahead < 0)
		pieces->fetch_ahead = neon_connection_get(user)->options->fetch_ahead;

	/*
	 * Rows that wait for the commit are written anew by each request, at
	 * other places of the table.
	 */
	if (table != NULL &&
		(neon_connection_get(user)->options->consistent_reads ||
		 neon_transaction_has_writes(user, cid)))
		pieces->table = NULL;
	pieces->piece.reader = start_query(pieces, query);
	return pieces;
}

void
neon_pieces_close(NeonPieces *pieces)
{
	MemoryContextDelete(pieces->context);
}

/* ---------- one piece ---------- */

static char *
tid_text(int64 position)
{
	return psprintf("(" INT64_FORMAT "," INT64_FORMAT ")",
					position / POSITIONS_PER_PAGE,
					position % POSITIONS_PER_PAGE);
}

/* Asks for a piece that begins at start and is as long as seems to fit. */
static void
start_piece(NeonPieces *pieces, Piece *piece, int64 start)
{
	MemoryContext old = MemoryContextSwitchTo(pieces->context);
	NeonQuery	query = *pieces->query;
	const char **params = palloc((query.nparams + 2) * sizeof(char *));
	StringInfoData sql;

	piece->start = start;
	piece->step = pieces->step;
	piece->last = start + piece->step >= pieces->end;
	memcpy(params, query.params, query.nparams * sizeof(char *));
	initStringInfo(&sql);
	appendStringInfo(&sql, "%s %s ctid >= $%d::tid", query.sql,
					 pieces->has_where ? "AND" : "WHERE", query.nparams + 1);
	params[query.nparams++] = tid_text(start);
	if (!piece->last)
	{
		appendStringInfo(&sql, " AND ctid < $%d::tid", query.nparams + 1);
		params[query.nparams++] = tid_text(start + piece->step);
	}
	query.sql = sql.data;
	query.params = params;
	piece->reader = start_query(pieces, &query);
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

/* Starts pieces until enough are in flight behind the current one. */
static void
start_ahead(NeonPieces *pieces)
{
	Piece	   *behind = pieces->nahead > 0 ?
		&pieces->ahead[pieces->nahead - 1] : &pieces->piece;

	while (pieces->nahead < pieces->fetch_ahead && !behind->last)
	{
		Piece	   *next = &pieces->ahead[pieces->nahead];

		start_piece(pieces, next, behind->start + behind->step);
		pieces->nahead++;
		behind = next;
	}
}

/*
 * Waits for the current piece, and asks for a smaller one until it fits.
 * Those that are in flight behind it no longer follow on it then.
 */
static void
fit_piece(NeonPieces *pieces)
{
	int64		limit;

	while (!neon_remote_fits(pieces->piece.reader, &limit))
	{
		int64		start = pieces->piece.start;

		/* It is a single row that does not fit. */
		if (pieces->piece.step <= 1)
			neon_remote_refuse(pieces->piece.reader);
		pieces->step = Max(pieces->piece.step / 2, 1);
		end_piece(&pieces->piece);
		while (pieces->nahead > 0)
			end_piece(&pieces->ahead[--pieces->nahead]);
		start_piece(pieces, &pieces->piece, start);
	}
	start_ahead(pieces);
}

/* Makes the piece behind the current one the current one. */
static void
next_piece(NeonPieces *pieces)
{
	int64		start = pieces->piece.start + pieces->piece.step;

	end_piece(&pieces->piece);
	if (pieces->nahead > 0)
	{
		pieces->piece = pieces->ahead[0];
		pieces->nahead--;
		memmove(pieces->ahead, pieces->ahead + 1,
				pieces->nahead * sizeof(Piece));
	}
	else
		start_piece(pieces, &pieces->piece, start);
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
}

/* ---------- dividing ---------- */

/*
 * The number of pages of the table; 0 if it is a view, or has foreign tables
 * among its partitions.  A range of a partitioned table holds the same range
 * of each partition, so the number is that of the longest partition.
 */
static int64
count_pages(NeonPieces *pieces)
{
	const char *params[2] = {pieces->table, "{r,m,p}"};
	NeonQuery	query = {0};
	NeonReader *reader;
	const NeonRow *row;
	int64		pages = 0;

	query.sql =
		"WITH RECURSIVE tree AS ("
		"SELECT $1::pg_catalog.regclass::pg_catalog.oid AS oid"
		" UNION ALL SELECT i.inhrelid FROM tree"
		" JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid)"
		" SELECT CASE WHEN bool_and(c.relkind = ANY ($2::\"char\"[])) THEN"
		" greatest(max(pg_catalog.pg_relation_size(c.oid)"
		" / pg_catalog.current_setting('block_size')::bigint), 1) END"
		" FROM tree JOIN pg_catalog.pg_class c ON c.oid = tree.oid";
	query.nparams = 2;
	query.params = params;
	query.ncolumns = 1;
	query.read = NEON_READ_INTERNAL;
	reader = start_query(pieces, &query);
	row = neon_remote_next_row(reader);
	if (row != NULL && row->values[0] != NULL)
		pages = Min(strtoll(row->values[0], NULL, 10), MaxBlockNumber);
	neon_remote_close(reader);
	return pages;
}

/* Warns once per statement, however many tables are read in pieces. */
static void
warn(NeonPieces *pieces)
{
	static TimestampTz warned = 0;

	if (warned == GetCurrentStatementStartTimestamp())
		return;
	warned = GetCurrentStatementStartTimestamp();
	ereport(WARNING,
			(errcode(ERRCODE_WARNING),
			 errmsg("table %s does not fit into one reply of the endpoint and is read in pieces",
					pieces->table),
			 errdetail("Each piece has a snapshot of its own: changes made meanwhile may be seen in part. The limit of a reply is " INT64_FORMAT " bytes.",
					   pieces->limit),
			 errhint("Select fewer rows or columns, or set the server's option \"consistent_reads\" to \"strict\" to get an error instead.")));
}

static void
divide(NeonPieces *pieces, int64 limit)
{
	int64		pages = count_pages(pieces);

	if (pages == 0)
		neon_remote_refuse(pieces->piece.reader);
	pieces->divided = true;
	pieces->limit = limit > 0 ? limit : DEFAULT_LIMIT;
	warn(pieces);

	/*
	 * A first guess: rows take about as much space in the reply as on a page.
	 */
	pieces->end = pages * POSITIONS_PER_PAGE;
	pieces->step = Max(pieces->limit / 2 / BLCKSZ, 1) * POSITIONS_PER_PAGE;
	pieces->step = Min(pieces->step, Max(pieces->end / 2, 1));
	end_piece(&pieces->piece);
	start_piece(pieces, &pieces->piece, 0);
	fit_piece(pieces);
}

const NeonRow *
neon_pieces_next_row(NeonPieces *pieces)
{
	if (!pieces->begun)
	{
		int64		limit;

		if (pieces->table != NULL &&
			!neon_remote_fits(pieces->piece.reader, &limit))
			divide(pieces, limit);
		pieces->begun = true;
	}

	for (;;)
	{
		const NeonRow *row = neon_remote_next_row(pieces->piece.reader);

		if (row != NULL || !pieces->divided || pieces->piece.last)
			return row;
		adapt_step(pieces);
		next_piece(pieces);
	}
}
