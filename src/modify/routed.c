/*-------------------------------------------------------------------------
 *
 * modify/routed.c
 *		Rows that are routed to a foreign table: by COPY, or from a partitioned
 *		table.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "optimizer/optimizer.h"

#include "modify/begin.h"
#include "modify/insert_shape.h"
#include "modify/modify.h"
#include "modify/plan.h"
#include "modify/routed_defaults.h"
#include "modify/send.h"

/* Of a row that is routed here all columns are returned, if any are. */
static List *
all_columns_of(Relation rel)
{
	TupleDesc	desc = RelationGetDescr(rel);
	List	   *columns = NIL;

	for (int i = 1; i <= desc->natts; i++)
	{
		if (!TupleDescAttr(desc, i - 1)->attisdropped)
			columns = lappend_int(columns, i);
	}
	return columns;
}

/* RETURNING as it stands for the first table of the plan. */
static void
check_returned(Relation rel, ModifyTable *plan, ResultRelInfo *first)
{
	Bitmapset  *used = NULL;

	pull_varattnos(linitial(plan->returningLists), first->ri_RangeTableIndex,
				   &used);
	neon_check_returned(rel, used, CMD_INSERT);
}

void
neonBeginForeignInsert(ModifyTableState *mtstate, ResultRelInfo *result)
{
	ModifyTable *plan = (ModifyTable *) mtstate->ps.plan;
	EState	   *estate = mtstate->ps.state;
	bool		moved = plan != NULL && plan->operation != CMD_INSERT;
	NeonModify *modify;

	if (moved && result->ri_FdwState != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot route tuples into foreign table to be updated \"%s\"",
						RelationGetRelationName(result->ri_RelationDesc)),
				 errhint("Restrict the UPDATE to the partitions that the rows are in.")));
	modify = neon_modify_begin(estate, result, CMD_INSERT, NIL, moved);
	if (result->ri_projectReturning != NULL)
		check_returned(modify->rel, plan, mtstate->resultRelInfo);
	if (plan != NULL && !moved)
		neon_insert_find_defaults(modify, result, outerPlan(plan));
	if (plan != NULL)
		neon_find_routed_defaults(modify, mtstate);
	modify->hands_back = result->ri_projectReturning != NULL ||
		result->ri_WithCheckOptions != NIL ||
		(result->ri_TrigDesc != NULL &&
		 result->ri_TrigDesc->trig_insert_after_row);
	if (modify->hands_back)
		modify->returned = all_columns_of(modify->rel);
	modify->sql.do_nothing = plan != NULL &&
		plan->onConflictAction == ONCONFLICT_NOTHING;
	/* COPY sets identity columns to what it reads, as it does here */
	if (plan == NULL)
		modify->sql.override = OVERRIDING_SYSTEM_VALUE;
	neon_modify_start(modify, estate, result);
	result->ri_FdwState = modify;
}

void
neonEndForeignInsert(EState *estate, ResultRelInfo *result)
{
	neon_modify_finish(result->ri_FdwState);
}
