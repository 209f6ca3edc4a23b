/*-------------------------------------------------------------------------
 *
 * statement/write_plan.h
 *		What a plan says of a whole statement that writes.
 *
 * A plan can hold lists of nodes only (CustomScan.custom_private); everybody
 * else sees the struct.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_STATEMENT_WRITE_PLAN_H
#define NEON_STATEMENT_WRITE_PLAN_H

#include "nodes/pg_list.h"

#include "deparse/write.h"

typedef struct NeonWritePlan
{
	/* The statement, see deparse/write_sql.h; keys is NULL if there are none. */
	NeonCommitForm form;
	const char *now;
	const char *rehearsal;
	const char *commit;
	const char *pinned;			/* NULL unless DEFAULT values are pinned */
	bool		pins_own;		/* see NeonWriteSql */
	const char *versioned;		/* the same */
	const char *versioned_commit;
	const char *table;
	const char *keys;

	List	   *columns;		/* integers: 1 to the number of those that
								 * come back */
	bool		returns;		/* the statement has RETURNING */
	bool		safe;			/* RETURNING is not likely to fail here */
	bool		skips;			/* ON CONFLICT: rows may be left out that are
								 * there already */
	int			ngathered;		/* columns of the rows that the plan below
								 * makes; 0: there is no such plan */

	/* What an INSERT reads, see deparse/write_sql.h. */
	const char *reads;
	int			nreads;

	/* Where the rows of an INSERT are known; source is NULL otherwise. */
	const char *source;
	const char *named;
	const char *names;
	int			nnames;			/* columns that are named */
	int			nsource;		/* rows; 0: as many as are gathered */

	/* The row that the statement concerns, see deparse/write_sql.h. */
	CmdType		command;
	NeonRowKeyKind key_kind;
	int			key_rows;
	List	   *key_params;
	bool		key_arrays;
	const char *key_names;
	const char *written_names;

	/*
	 * The same INSERT with each column as an array, if it may wait for others
	 * (see statement/deferred.h), and where its values are, see
	 * deparse/write_sql.h; else NULL.
	 */
	struct NeonWritePlan *gathered_form;
	int			cell_rows;
	List	   *cell_params;
	bool		cell_arrays;

	Oid			serverid;
	Oid			userid;			/* InvalidOid: whoever runs it */
} NeonWritePlan;

/* The list for the plan node; the struct that such a list was made of. */
extern List *neon_write_plan_list(const NeonWritePlan *plan);
extern void neon_write_plan_read(NeonWritePlan *plan, List *list);

#endif							/* NEON_STATEMENT_WRITE_PLAN_H */
