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

/* Items of ForeignScan.fdw_private. */
enum NeonScanPrivate
{
	NEON_SCAN_SQL,				/* String: the remote statement */
	NEON_SCAN_COLUMNS			/* integer List: attribute numbers it returns */
};

extern void neonGetForeignRelSize(PlannerInfo *root, RelOptInfo *rel,
								  Oid relid);
extern void neonGetForeignPaths(PlannerInfo *root, RelOptInfo *rel,
								Oid relid);
extern ForeignScan *neonGetForeignPlan(PlannerInfo *root, RelOptInfo *rel,
									   Oid relid, ForeignPath *path,
									   List *tlist, List *scan_clauses,
									   Plan *outer_plan);

#endif							/* NEON_PLAN_H */
