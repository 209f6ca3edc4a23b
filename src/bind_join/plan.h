/*-------------------------------------------------------------------------
 *
 * bind_join/plan.h
 *		The plan node of a bind join.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_BIND_JOIN_PLAN_H
#define NEON_BIND_JOIN_PLAN_H

#include "nodes/pathnodes.h"
#include "nodes/plannodes.h"

/* CustomPathMethods.PlanCustomPath */
extern Plan *neon_bind_plan(PlannerInfo *root, RelOptInfo *rel,
							CustomPath *best_path, List *tlist,
							List *clauses, List *custom_plans);

#endif							/* NEON_BIND_JOIN_PLAN_H */
