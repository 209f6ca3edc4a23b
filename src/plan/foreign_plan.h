/*-------------------------------------------------------------------------
 *
 * plan/foreign_plan.h
 *		From the path that won to the plan of a foreign scan.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_FOREIGN_PLAN_H
#define NEON_PLAN_FOREIGN_PLAN_H

#include "nodes/pathnodes.h"
#include "nodes/plannodes.h"

/* Callback, for tables, joins and upper relations. */
extern ForeignScan *neonGetForeignPlan(PlannerInfo *root, RelOptInfo *rel,
									   Oid relid, ForeignPath *path,
									   List *tlist, List *scan_clauses,
									   Plan *outer_plan);

#endif							/* NEON_PLAN_FOREIGN_PLAN_H */
