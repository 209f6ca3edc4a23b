/*-------------------------------------------------------------------------
 *
 * plan/base_rel.h
 *		Planning of foreign scans: sizes, paths, costs, plans.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_BASE_REL_H
#define NEON_PLAN_BASE_REL_H

#include "nodes/pathnodes.h"
#include "nodes/plannodes.h"

#include "deparse/rel.h"
#include "option/option.h"
#include "ship/expression.h"

/*
 * Range table indexes in remote statements: those of the query, and twice as
 * many for subqueries (see plan/input.c).
 */
#define NEON_ALIAS_SETS		3

/*
 * What planning knows of a foreign table, in RelOptInfo.fdw_private; and of
 * what runs remotely above foreign tables: joins, groups, sorts (see
 * plan/rel.h).
 */
typedef struct NeonRelInfo
{
	NeonServerOptions *server;
	NeonShipContext ship;
	QualCost	local_cost;		/* of the conditions checked here */
	Relids		versioned;		/* relations whose xmin is the remote's, and
								 * whose cmin is the remote tableoid: those
								 * that are written to or locked */
	Relids		locked;			/* those whose rows are locked */
	double		rows;			/* that travel */
	Cost		remote_cost;	/* of the statement over there */
	bool		use_remote_estimate;	/* ask the remote for both */

	/* of a foreign table */
	NeonTableOptions *table;
	List	   *remote_conds;	/* RestrictInfos checked there */
	List	   *local_conds;	/* RestrictInfos checked here */
	Bitmapset  *attrs_used;		/* columns to fetch, offset as usual */
	List	   *estimates;		/* see plan/estimate.c */

	/* of what is above; and of a foreign table when something is */
	NeonSelect *select;			/* statement that yields it, but for its columns
								 * where tlist is NIL */
	List	   *local_exprs;	/* conditions checked here */
	List	   *replaced;		/* NeonReplacements for what is above */
	Relids		hidden;			/* relations of which above only replaced columns
								 * can be named */
	struct NeonRelInfo *subquery;	/* see plan/input.c, NULL: not made yet */
	List	   *tlist;			/* TargetEntries of a grouping or DISTINCT */
} NeonRelInfo;

/* Items of ForeignScan.fdw_private. */
enum NeonScanPrivate
{
	NEON_SCAN_SQL,				/* String: the remote statement */
	NEON_SCAN_COLUMNS,			/* integer List: attribute numbers it returns */
	NEON_SCAN_TABLE,			/* NIL, or a List for scans that may be divided
								 * (see scan/pieces.h): String, its name there;
								 * Boolean, is there a WHERE clause? */
	NEON_SCAN_USER,				/* OID List: as whom, or InvalidOid */
	NEON_SCAN_RELATIONS			/* only if there is no scan relation: String,
								 * what EXPLAIN shows in its place */
};

extern void neonGetForeignRelSize(PlannerInfo *root, RelOptInfo *rel,
								  Oid relid);
extern void neonGetForeignPaths(PlannerInfo *root, RelOptInfo *rel,
								Oid relid);
extern ForeignScan *neonGetForeignPlan(PlannerInfo *root, RelOptInfo *rel,
									   Oid relid, ForeignPath *path,
									   List *tlist, List *scan_clauses,
									   Plan *outer_plan);

/* True if a condition on a foreign table may run remotely. */
extern bool neon_may_check_remotely(RelOptInfo *rel, RestrictInfo *rinfo);

/* The scan of one foreign table, with conditions checked remotely. */
extern NeonRemoteSql *neon_scan_statement(RelOptInfo *rel, List *exprs);

/* True if the clauses fix every key column, so that at most one row fits. */
extern bool neon_is_key_lookup(RelOptInfo *rel, List *clauses);

#endif							/* NEON_PLAN_BASE_REL_H */
