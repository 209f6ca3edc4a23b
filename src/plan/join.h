/*-------------------------------------------------------------------------
 *
 * plan/join.h
 *		Joins of foreign tables of one server.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_JOIN_H
#define NEON_PLAN_JOIN_H

#include "nodes/pathnodes.h"

/* Callback */
extern void neonGetForeignJoinPaths(PlannerInfo *root, RelOptInfo *joinrel,
									RelOptInfo *outerrel,
									RelOptInfo *innerrel, JoinType jointype,
									JoinPathExtraData *extra);

#endif							/* NEON_PLAN_JOIN_H */
