/*-------------------------------------------------------------------------
 *
 * plan/nested_loop.h
 *		The inner side of nested loops, where it sends requests.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_NESTED_LOOP_H
#define NEON_PLAN_NESTED_LOOP_H

#include "nodes/pathnodes.h"

/*
 * Lets nested loops among the paths of a join keep the rows of their inner
 * side where each outer row would send the same requests again.  rechecked
 * says that rows of the join may have to be joined again one by one
 * (EvalPlanQual).
 */
extern void neon_keep_loop_inner(RelOptInfo *joinrel, bool rechecked);

#endif							/* NEON_PLAN_NESTED_LOOP_H */
