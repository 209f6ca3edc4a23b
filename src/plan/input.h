/*-------------------------------------------------------------------------
 *
 * plan/input.h
 *		A relation as one side of a remote join.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_INPUT_H
#define NEON_PLAN_INPUT_H

#include "plan/rel.h"

/*
 * The info of a relation as one side of a join; NULL if it cannot be one.  In
 * a full join a side has no WHERE conditions, since the statement would check
 * them after the join.
 */
extern NeonRelInfo *neon_join_input(PlannerInfo *root, RelOptInfo *rel,
									bool full_join);

#endif							/* NEON_PLAN_INPUT_H */
