/*-------------------------------------------------------------------------
 *
 * plan/join_info.h
 *		The remote statement of a join.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_JOIN_INFO_H
#define NEON_PLAN_JOIN_INFO_H

#include "plan/rel.h"

typedef struct NeonJoin
{
	PlannerInfo *root;
	RelOptInfo *joinrel;
	RelOptInfo *innerrel;
	JoinType	jointype;
	List	   *restrictlist;
	NeonRelInfo *outer;
	NeonRelInfo *inner;
	NeonRelInfo *info;			/* of the join, NULL: not made yet */
	List	   *on;				/* remote conditions that decide which rows
								 * match */
} NeonJoin;

/*
 * Sets info and on of a join of which all else is set.  False if the remote
 * cannot do the join.
 */
extern bool neon_make_join(NeonJoin *join);

#endif							/* NEON_PLAN_JOIN_INFO_H */
