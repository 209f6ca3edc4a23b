/*-------------------------------------------------------------------------
 *
 * deparse/write_sql.h
 *		The forms of a whole statement that writes.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_DEPARSE_WRITE_SQL_H
#define NEON_DEPARSE_WRITE_SQL_H

#include "nodes/pg_list.h"

#include "ship/row_key.h"

/* How a statement is committed that was rehearsed. */
typedef enum NeonCommitForm
{
	NEON_COMMIT_COUNT,			/* it runs again, and must concern as many
								 * rows as before */
	NEON_COMMIT_VERSIONS,		/* it runs again, and must concern the same
								 * versions of rows */
	NEON_COMMIT_DEFAULTS,		/* the same, with the values that DEFAULT gave
								 * when it was rehearsed */
	NEON_COMMIT_ROWS,			/* the rows that it inserted are inserted */
	NEON_COMMIT_UPSERT			/* the same, and the rows that it updated
								 * become what they were then */
} NeonCommitForm;

/*
 * A statement in three forms: to be committed at once, to be rehearsed, to be
 * committed after a rehearsal.  All have the parameters of the list params;
 * the last form has more behind them: the number of rows and, for VERSIONS and
 * DEFAULTS, an array of the versions; behind that, for DEFAULTS, an array of
 * the rows, null if the values of DEFAULT may differ; for ROWS without
 * RETURNING and source, a digest of the rows, null if they may differ.
 *
 * The rehearsal returns one more column behind those that are wanted: the
 * version of the row (VERSIONS, DEFAULTS), or the row as text (ROWS, UPSERT).
 * Behind that UPSERT returns the version that an updated row had before, and
 * null for a row that was inserted; DEFAULTS returns the row as text, null if
 * the values of DEFAULT cannot be pinned.
 */
typedef struct NeonWriteSql
{
	NeonCommitForm form;
	char	   *now;			/* to be committed at once */
	char	   *rehearsal;
	char	   *commit;			/* unless rows are pinned, else NULL */
	char	   *pinned;			/* DEFAULTS: the commit with the rows' values */
	char	   *versioned;		/* COUNT: rehearsal and commit as of VERSIONS, */
	char	   *versioned_commit;	/* NULL unless neon_versions_wanted() */
	bool		pins_own;		/* it tells rows apart that the transaction
								 * has written before */
	char	   *table;			/* the target, quoted and qualified */
	char	   *keys;			/* UPSERT: see neon_pin_update() */

	/*
	 * The query for the rows of an INSERT, as NeonPinSource has it (see
	 * transaction/pinned_rows.h); NULL if the rows may be others next time.
	 */
	char	   *source;
	char	   *named;
	char	   *names;
	int			nsource;		/* how many rows it has, 0: gathered ones */

	/*
	 * What the rows of an INSERT are made of, if that is read from tables; it
	 * has the first nreads of the parameters.
	 */
	char	   *reads;
	int			nreads;

	List	   *params;			/* local expressions */
	int			ngathered;		/* arrays of gathered rows: parameters behind
								 * params, before those of the commit */
	List	   *returned;		/* Vars of the query: the columns that come
								 * back, in order */

	/* The values of an INSERT of local values, if all of them are parameters. */
	int			cell_rows;		/* 0: they are not */
	List	   *cell_params;	/* integers: parameters with the values,
								 * column by column */
	bool		cell_arrays;	/* each is an array of the values of all rows */

	/* The row that the statement concerns, see ship/row_key.h. */
	NeonRowKeyKind key_kind;
	int			key_rows;		/* number of the rows whose keys are known */
	List	   *key_params;		/* integers: parameters with the key's values,
								 * column by column */
	bool		key_arrays;		/* each is an array of the values of all rows */
	char	   *key_names;		/* text of an array of the key's columns */
	char	   *written_names;	/* the same of those that an UPDATE, or ON
								 * CONFLICT DO UPDATE, sets */
} NeonWriteSql;

#endif							/* NEON_DEPARSE_WRITE_SQL_H */
