/*-------------------------------------------------------------------------
 *
 * deparse/write.h
 *		Print INSERT, UPDATE and DELETE for the remote.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_DEPARSE_WRITE_H
#define NEON_DEPARSE_WRITE_H

#include "deparse/deparse.h"
#include "ship/write.h"

/*
 * How what was rehearsed is committed.
 */
typedef enum NeonCommitForm
{
	NEON_COMMIT_COUNT,			/* the same again, which must concern as many
								 * rows */
	NEON_COMMIT_VERSIONS,		/* and the same versions of them */
	NEON_COMMIT_ROWS,			/* the very rows that it inserted */
	NEON_COMMIT_UPSERT			/* these, and those that it updated instead */
} NeonCommitForm;

/*
 * A statement in three forms.  All have the parameters of the list; the
 * commit's has more behind them: the number of rows and, for VERSIONS, an
 * array of the versions.
 *
 * The rehearsal returns, behind the columns that are wanted, one more: the
 * version (VERSIONS), the row as text (ROWS, UPSERT); UPSERT also a version,
 * null for a row that was inserted.
 */
typedef struct NeonWriteSql
{
	NeonCommitForm form;
	char	   *now;			/* to be committed at once */
	char	   *rehearsal;
	char	   *commit;			/* COUNT and VERSIONS only, else NULL */
	char	   *table;			/* the target, quoted and qualified */
	char	   *keys;			/* UPSERT: see neon_pin_update() */

	/* Where the rows of an INSERT are known, NULL otherwise: see transaction/pinned_rows.h */
	char	   *source;
	char	   *named;
	char	   *names;
	int			nsource;		/* how many rows, 0 if they are gathered */

	List	   *params;			/* local expressions */
	int			ngathered;		/* arrays of columns behind them, and before
								 * what the commit has more */
	List	   *returned;		/* Vars of the query, as columns come back */
} NeonWriteSql;

/* Allocates in the current memory context; the write is not changed. */
extern NeonWriteSql *neon_write_sql(NeonRemoteWrite *write);

#endif							/* NEON_DEPARSE_WRITE_H */
