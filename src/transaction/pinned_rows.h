/*-------------------------------------------------------------------------
 *
 * transaction/pinned_rows.h
 *		Commit the rows that an INSERT returned when it was rehearsed.
 *
 * A rehearsal gives out values of sequences, clocks and defaults; to run the
 * INSERT once more would give others.  So the rehearsal returns each row as
 * a whole, as the text of the table's row type, and these very rows are
 * committed: they are pinned.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_PINNED_ROWS_H
#define NEON_TRANSACTION_PINNED_ROWS_H

#include "remote/remote.h"
#include "transaction/touched.h"

/*
 * A trigger that changes a row would change a pinned one once more.  So where
 * the table has such triggers, and the rows that the statement inserts are
 * known, only values of columns are pinned that the statement does not name.
 */
typedef struct NeonPinSource
{
	const char *sql;			/* a query for the rows, in order */
	const char *named;			/* the columns that it is for, quoted list */
	const char *names;			/* the same as text of an array */
	int			ncolumns;		/* the number of these columns */
	int			nparams;		/* of the query */
	const char *const *params;
} NeonPinSource;

/* A rehearsal of an INSERT whose rows are pinned. */
typedef struct NeonPinRehearsal
{
	const char *table;			/* quoted and qualified */
	NeonTouch  *touch;			/* see neon_transaction_rehearse() */
	const NeonQuery *before;	/* the same */
	const NeonQuery *insert;

	/*
	 * Text of an array: the columns that the statement names, which the
	 * touch, if there is one, must say, too.  NULL: it does not matter
	 * whether the table has triggers.
	 */
	const char *named;
	bool		upsert;			/* triggers on UPDATE count, too */
	const int  *expected;		/* see neon_remote_expect(), or NULL */

	/* What comes back, in the memory context of the caller. */
	NeonPinColumns columns;
	NeonPinColumns unnamed;		/* names is NULL if there is no such trigger */
	bool		refused;		/* nothing else did: one of the errors
								 * expected */
} NeonPinRehearsal;

/*
 * Fills in the statements that such a rehearsal consists of, and returns their
 * number; reads what those before the INSERT have returned, so that the reader
 * is at the result of the INSERT.
 */
#define NEON_PIN_QUERIES	3
extern int	neon_pin_queries(const NeonPinRehearsal *rehearsal,
							 NeonQuery *queries);
extern void neon_pin_read(NeonPinRehearsal *rehearsal, NeonReader *reader);

/*
 * Sends the rehearsal.  The reader is at the result of the INSERT.
 */
extern NeonReader *neon_pin_rehearse(NeonPinRehearsal *rehearsal,
									 UserMapping *user, NeonStats *stats);

/*
 * Fills in the statement that inserts nrows rows, given as the text of an
 * array of their texts (see remote/array_text.h), and fails with 40001 if
 * one of them cannot be inserted.  With on_conflict a row that is there
 * already is such a failure, otherwise it is the remote's error.  The query
 * refers to rows; all else is allocated in the current memory context.
 */
extern void neon_pin_insert(NeonQuery *query, const char *table,
							const NeonPinColumns *columns, const char *rows,
							int64 nrows, bool on_conflict);

/* The same for the columns of NeonPinRehearsal.unnamed, and the source. */
extern void neon_pin_unnamed(NeonQuery *query, const char *table,
							 const NeonPinColumns *columns,
							 const NeonPinSource *source, const char *rows,
							 int64 nrows);

/*
 * Fills in the statement that makes rows what they were when an upsert
 * returned them, and fails with 40001 unless they have the versions that they
 * had before that.  rows as above; versions is an array of the versions (see
 * NEON_VERSION_SQL); keys is the condition that joins o, the table, to y.r,
 * the row.
 */
extern void neon_pin_update(NeonQuery *query, const char *table,
							const NeonPinColumns *columns, const char *keys,
							const char *rows, const char *versions,
							int64 nrows);

#endif							/* NEON_TRANSACTION_PINNED_ROWS_H */
