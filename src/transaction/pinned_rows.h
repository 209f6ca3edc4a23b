/*-------------------------------------------------------------------------
 *
 * transaction/pinned_rows.h
 *		Commit the rows that an INSERT returned when it was rehearsed.
 *
 * A rehearsal gives out values of sequences, clocks and defaults; to run the
 * INSERT once more would give others.  So the rehearsal returns each row as
 * a whole, as the text of the table's row type, and what is committed is
 * these rows.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_PINNED_ROWS_H
#define NEON_TRANSACTION_PINNED_ROWS_H

#include "remote/remote.h"

/* What a statement of the rehearsal's batch finds out about the table. */
typedef struct NeonPinColumns
{
	char	   *names;			/* for the column list of an INSERT */
	char	   *values;			/* the same of the row that is called y.r */
	char	   *changeable;		/* those that an UPDATE may set */
	char	   *changes;
} NeonPinColumns;

/*
 * Fills in the statement that finds it out; it returns one row of
 * NEON_PIN_COLUMNS columns, in the order of the fields above.  table is
 * quoted and qualified, and must live as long as the query.
 */
#define NEON_PIN_COLUMNS	4
extern void neon_pin_columns_query(NeonQuery *query, const char *table);

/*
 * Fills in the statement that inserts nrows rows, given as the text of an
 * array of their texts (see deparse/array_text.h), and fails with 40001 if one of
 * them cannot be.  With on_conflict a row that is already there is such a
 * failure, otherwise it is the remote's error.  The query refers to rows;
 * all else is allocated in the current memory context.
 */
extern void neon_pin_insert(NeonQuery *query, const char *table,
							const NeonPinColumns *columns, const char *rows,
							int64 nrows, bool on_conflict);

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

/*
 * A trigger that changes a row would change a pinned one once more.  So where
 * there may be such, and the rows that the statement inserts are known, what
 * is pinned is only what the statement does not say: the values of columns
 * that it does not name.
 */
typedef struct NeonPinSource
{
	const char *sql;			/* a query for the rows, in order */
	const char *named;			/* the columns that it is for, quoted list */
	const char *names;			/* the same as text of an array */
	int			ncolumns;		/* how many they are */
	int			nparams;		/* of the query */
	const char *const *params;
} NeonPinSource;

/*
 * Fills in the statement that finds out which columns are pinned then; it
 * returns a row of NEON_PIN_UNNAMED columns, or none if there is no such
 * trigger.
 */
#define NEON_PIN_UNNAMED	2
extern void neon_pin_unnamed_query(NeonQuery *query, const char *table,
								   const char *names, bool upsert);

/* Reads what it returned; names is NULL if that was nothing. */
extern void neon_pin_unnamed_read(NeonPinColumns *columns,
								  NeonReader *reader);

/* As neon_pin_insert() for these columns, and the source for the others. */
extern void neon_pin_unnamed(NeonQuery *query, const char *table,
							 const NeonPinColumns *columns,
							 const NeonPinSource *source, const char *rows,
							 int64 nrows);

/* Reads what the statement of neon_pin_columns_query() returned. */
extern void neon_pin_columns_read(NeonPinColumns *columns,
								  NeonReader *reader);

#endif							/* NEON_TRANSACTION_PINNED_ROWS_H */
