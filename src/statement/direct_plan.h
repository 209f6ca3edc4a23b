/*-------------------------------------------------------------------------
 *
 * statement/direct_plan.h
 *		UPDATE and DELETE of one child as a whole statement.
 *
 * Of an UPDATE or DELETE that PostgreSQL plans, for its target has partitions
 * or inheritance children or it needs values that are made here, the change
 * of each foreign table is judged by itself: one statement does it if nothing
 * is left to do here for each row.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_STATEMENT_DIRECT_PLAN_H
#define NEON_STATEMENT_DIRECT_PLAN_H

#include "nodes/pathnodes.h"

/* Items of the plan node's private list. */
enum NeonDirectPrivate
{
	NEON_DIRECT_WRITE,			/* List: see statement/write_plan.h */
	NEON_DIRECT_COLUMNS,		/* integer List: attribute numbers of what
								 * comes back */
	NEON_DIRECT_ALONE,			/* Boolean: the statement does nothing else */
	NEON_DIRECT_SETS_TAG		/* Boolean: its rows are counted */
};

/* Callback: makes the scan of a table that is changed change it. */
extern bool neonPlanDirectModify(PlannerInfo *root, ModifyTable *plan,
								 Index result_relation, int subplan_index);

#endif							/* NEON_STATEMENT_DIRECT_PLAN_H */
