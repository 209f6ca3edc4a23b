/*-------------------------------------------------------------------------
 *
 * modify/plan.h
 *		Planning of writes that go row by row.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_MODIFY_PLAN_H
#define NEON_MODIFY_PLAN_H

#include "nodes/pathnodes.h"
#include "utils/rel.h"

/* Items of the plan's private list. */
enum NeonModifyPrivate
{
	NEON_MODIFY_RETURNED,		/* integer List: columns wanted back */
	NEON_MODIFY_OVERRIDE,		/* Integer: OverridingKind */
	NEON_MODIFY_DO_NOTHING,		/* Boolean: ON CONFLICT DO NOTHING */
	NEON_MODIFY_NAMED,			/* integer List: INSERT, columns to be sent */
	NEON_MODIFY_DEFAULTS		/* integer List: UPDATE, columns that become
								 * DEFAULT */
};

extern int	neonIsForeignRelUpdatable(Relation rel);
extern void neonAddForeignUpdateTargets(PlannerInfo *root, Index rtindex,
										RangeTblEntry *target_rte,
										Relation target_relation);
extern List *neonPlanForeignModify(PlannerInfo *root, ModifyTable *plan,
								   Index result_relation, int subplan_index);

/*
 * Throws if used, column numbers as pull_varattnos() finds them, has a system
 * column that cannot be returned of a row that is written.
 */
extern void neon_check_returned(Relation rel, Bitmapset *used,
								CmdType operation);

/* The name under which a key column is in the plan's row. */
extern char *neon_modify_key_name(TupleDesc desc, AttrNumber attnum);

#endif							/* NEON_MODIFY_PLAN_H */
