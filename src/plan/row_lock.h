/*-------------------------------------------------------------------------
 *
 * plan/row_lock.h
 *		Planning of SELECT ... FOR UPDATE and its like.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_ROW_LOCK_H
#define NEON_PLAN_ROW_LOCK_H

#include "foreign/fdwapi.h"

#include "plan/rel_info.h"

/* Callback: how rows are locked. */
extern RowMarkType neonGetForeignRowMarkType(RangeTblEntry *rte,
											 LockClauseStrength strength);

/*
 * If the query locks rows of a table, makes its scan fetch what is needed for
 * that, and sets info's lock_columns.  Throws if they cannot be locked in the
 * way that the query asks for.
 */
extern void neon_lock_plan(PlannerInfo *root, RelOptInfo *rel,
						   NeonRelInfo *info);

/*
 * May joined rows have to be formed again from one row of each table
 * (EvalPlanQual)?  That happens if another transaction has changed a local row
 * that this query locks or writes.
 */
extern bool neon_lock_rechecks(PlannerInfo *root);

#endif							/* NEON_PLAN_ROW_LOCK_H */
