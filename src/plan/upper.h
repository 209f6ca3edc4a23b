/*-------------------------------------------------------------------------
 *
 * plan/upper.h
 *		Paths of upper relations: groups, DISTINCT, ORDER BY, LIMIT.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_UPPER_H
#define NEON_PLAN_UPPER_H

#include "nodes/pathnodes.h"

/* Callback */
extern void neonGetForeignUpperPaths(PlannerInfo *root,
									 UpperRelationKind stage,
									 RelOptInfo *input_rel,
									 RelOptInfo *output_rel, void *extra);

#endif							/* NEON_PLAN_UPPER_H */
