/*-------------------------------------------------------------------------
 *
 * plan/rel_info.h
 *		What planning knows of a relation that the remote can yield.
 *
 * The folder plan/ offers PostgreSQL's planner paths for what runs remotely:
 * scans, joins, groups, sorts and limits, with their costs.
 * It may call deparse/ to print statements, and what is below: remote/ to ask
 * for sizes and estimates, ship/, option/.  It never executes a scan.
 * It promises that a statement that it prints gives, on the remote, the rows
 * that the local plan would have made; what the statement leaves out is in
 * local_conds or local_exprs, and is checked here.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_REL_INFO_H
#define NEON_PLAN_REL_INFO_H

#include "nodes/pathnodes.h"

#include "deparse/rel.h"
#include "option/option.h"
#include "ship/expression.h"

/*
 * Range table indexes in remote statements: those of the query, and twice as
 * many for subqueries (see plan/input.c).
 */
#define NEON_ALIAS_SETS		3

/*
 * RelOptInfo.fdw_private: of a foreign table, or of what runs remotely above
 * foreign tables, which is a join, a grouping, a sort or a limit.
 */
typedef struct NeonRelInfo
{
	NeonServerOptions *server;
	NeonShipContext ship;
	QualCost	local_cost;		/* of the conditions checked here */
	Relids		versioned;		/* relations that are written to or locked:
								 * their xmin is the remote's, and they have
								 * NEON_TABLEOID_ATTRIBUTE */
	List	   *lock_columns;	/* Vars that a join has to return so that rows
								 * can be locked */
	double		rows;			/* rows that travel */
	Cost		remote_cost;	/* of the statement, run remotely */
	bool		async_capable;	/* scans may be sent ahead of others */
	bool		use_remote_estimate;	/* ask the remote for rows and cost */

	/* of a foreign table */
	NeonTableOptions *table;
	List	   *remote_conds;	/* RestrictInfos checked remotely */
	List	   *local_conds;	/* RestrictInfos checked here */
	Bitmapset  *attrs_used;		/* columns to fetch, offset as usual */
	List	   *estimates;		/* see plan/estimate.c */

	/* of a relation above foreign tables, and of a table below one */
	NeonSelect *select;			/* the statement; its columns are left open
								 * where tlist is NIL */
	List	   *local_exprs;	/* conditions checked here */
	List	   *replaced;		/* NeonReplacements, see plan/rel.h */
	Relids		hidden;			/* relations whose columns cannot be named
								 * above this one unless they are replaced */
	struct NeonRelInfo *subquery;	/* see plan/input.c, NULL: not made yet */
	List	   *tlist;			/* TargetEntries of a grouping or DISTINCT */
} NeonRelInfo;

#endif							/* NEON_PLAN_REL_INFO_H */
