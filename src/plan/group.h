/*-------------------------------------------------------------------------
 *
 * plan/group.h
 *		Groups, aggregates and DISTINCT on the remote.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_GROUP_H
#define NEON_PLAN_GROUP_H

#include "plan/rel.h"

/*
 * The info of the groups of input, and the info of its distinct rows; NULL if
 * the remote cannot make them.  rows is the estimated number of rows that are
 * left after the conditions in having.
 */
extern NeonRelInfo *neon_group_info(PlannerInfo *root, NeonRelInfo *input,
									PathTarget *target, List *having,
									double rows);
extern NeonRelInfo *neon_distinct_info(PlannerInfo *root, NeonRelInfo *input,
									   PathTarget *target, double rows);

#endif							/* NEON_PLAN_GROUP_H */
