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
 * Info of a relation in the form in which it can be a side of a join; NULL if
 * there is none.  In a full join, a side must be without WHERE conditions:
 * they would apply after the join.
 */
extern NeonRelInfo *neon_join_input(PlannerInfo *root, RelOptInfo *rel,
									bool full_join);

#endif							/* NEON_PLAN_INPUT_H */
