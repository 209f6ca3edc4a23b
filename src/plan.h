/*-------------------------------------------------------------------------
 *
 * plan.h
 *		Planning of foreign scans: sizes, paths, costs, plans.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_H
#define NEON_PLAN_H

#include "nodes/pathnodes.h"
#include "nodes/plannodes.h"
#include "option.h"
#include "shippable.h"

/* What planning knows of a foreign table, in RelOptInfo.fdw_private. */
typedef struct NeonRelInfo
{
	NeonServerOptions *server;
	NeonTableOptions *table;
	NeonShipContext ship;
	List	   *remote_conds;	/* RestrictInfos checked there */
	List	   *local_conds;	/* RestrictInfos checked here */
	Bitmapset  *attrs_used;		/* columns to fetch, offset as usual */
	QualCost	local_cost;		/* of local_conds */
} NeonRelInfo;

/* Items of ForeignScan.fdw_private. */
enum NeonScanPrivate
{
	NEON_SCAN_SQL,				/* String: the remote statement */
	NEON_SCAN_COLUMNS,			/* integer List: attribute numbers it returns */
	NEON_SCAN_TABLE				/* NIL, or a List for scans that may be divided
								 * (see pieces.h): String, its name there;
								 * Boolean, is there a WHERE clause? */
};

extern void neonGetForeignRelSize(PlannerInfo *root, RelOptInfo *rel,
								  Oid relid);
extern void neonGetForeignPaths(PlannerInfo *root, RelOptInfo *rel,
								Oid relid);
extern ForeignScan *neonGetForeignPlan(PlannerInfo *root, RelOptInfo *rel,
									   Oid relid, ForeignPath *path,
									   List *tlist, List *scan_clauses,
									   Plan *outer_plan);

/* True if the clauses fix every key column, so that at most one row fits. */
extern bool neon_is_key_lookup(RelOptInfo *rel, List *clauses);

#endif							/* NEON_PLAN_H */
