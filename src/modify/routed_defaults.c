/*-------------------------------------------------------------------------
 *
 * modify/routed_defaults.c
 *		DEFAULT in rows that are routed to a foreign partition.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "executor/executor.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"
#include "utils/plancache.h"
#include "utils/rel.h"

#include "modify/defaults.h"
#include "modify/routed_defaults.h"
#include "ship/default_value.h"

/* The cells of the rows that are written, if they are VALUES. */
static List *
values_cells(ModifyTable *plan)
{
	List	   *cells = NIL;
	ListCell   *lc;

	if (!IsA(outerPlan(plan), ValuesScan))
		return NIL;
	foreach(lc, ((ValuesScan *) outerPlan(plan))->values_lists)
		cells = list_concat(cells, lfirst(lc));
	return cells;
}

static int
null_location(Node *expr)
{
	Const	   *null = neon_null_const(expr);

	return null != NULL ? null->location : 0;
}

/* ---------- planning ---------- */

static void
settle(Node *expr)
{
	Const	   *null = neon_null_const(expr);

	if (null != NULL && null->location == -1)
		null->location = NEON_LOCATION_NULL;
}

static void
settle_plan(Plan *plan, List *rtable)
{
	ModifyTable *modify = (ModifyTable *) plan;
	ListCell   *lc;

	if (!IsA(plan, ModifyTable) || modify->operation == CMD_DELETE ||
		modify->operation == CMD_MERGE ||
		rt_fetch(modify->nominalRelation,
				 rtable)->relkind != RELKIND_PARTITIONED_TABLE)
		return;
	foreach(lc, outerPlan(plan)->targetlist)
		settle((Node *) lfirst_node(TargetEntry, lc)->expr);
	foreach(lc, values_cells(modify))
		settle(lfirst(lc));
}

void
neon_settle_nulls(PlannedStmt *stmt)
{
	ListCell   *lc;

	settle_plan(stmt->planTree, stmt->rtable);
	foreach(lc, stmt->subplans)
	{
		if (lfirst(lc) != NULL)
			settle_plan(lfirst(lc), stmt->rtable);
	}
}

/* ---------- execution ---------- */

/* The number here of a column of the parent, or of a sibling; 0: none. */
static AttrNumber
routed_column(NeonModify *modify, Oid relid, AttrNumber attnum)
{
	return get_attnum(RelationGetRelid(modify->rel),
					  get_attname(relid, attnum, false));
}

static bool
is_required(NeonModify *modify, AttrNumber attnum)
{
	return attnum > 0 && modify->required[attnum - 1];
}

/* A plan that is kept would be refused again and again: none is. */
pg_noreturn static void
refuse_unmarked(void)
{
	ResetPlanCache();
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("cannot tell DEFAULT from NULL in this statement"),
			 errdetail("The library neon_http_fdw was loaded after the statement had been planned."),
			 errhint("Run the statement again, or add \"neon_http_fdw\" to session_preload_libraries.")));
}

static void
find_inserted(NeonModify *modify, ModifyTable *plan, Oid root)
{
	ListCell   *lc;

	foreach(lc, outerPlan(plan)->targetlist)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		/* a column that is not named is not sent */
		if (!tle->resjunk && null_location((Node *) tle->expr) == -1 &&
			is_required(modify, routed_column(modify, root, tle->resno)))
			refuse_unmarked();
	}
	foreach(lc, values_cells(plan))
	{
		if (null_location(lfirst(lc)) == -1)
			refuse_unmarked();
	}
}

static void
find_updated(NeonModify *modify, ModifyTable *plan, Oid first)
{
	ListCell   *lc;
	ListCell   *lc2;

	forboth(lc, outerPlan(plan)->targetlist,
			lc2, (List *) linitial(plan->updateColnosLists))
	{
		int			location =
			null_location((Node *) lfirst_node(TargetEntry, lc)->expr);
		AttrNumber	attnum = routed_column(modify, first, lfirst_int(lc2));

		if (location == -1)
			refuse_unmarked();
		if (location == NEON_LOCATION_DEFAULT && attnum > 0)
			modify->required[attnum - 1] = false;
	}
}

/*
 * Which action of a MERGE has made a row is not known here; so none may leave
 * anything to the remote.
 */
static void
check_action(NeonModify *modify, MergeAction *action, Oid root, Oid first)
{
	bool		inserts = action->commandType == CMD_INSERT;
	ListCell   *lc;

	foreach(lc, action->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);
		AttrNumber	attnum;

		if (tle->resjunk || null_location((Node *) tle->expr) >= 0)
			continue;
		attnum = inserts ? routed_column(modify, root, tle->resno) :
			routed_column(modify, first,
						  list_nth_int(action->updateColnos,
									   foreach_current_index(lc)));
		if (!is_required(modify, attnum))
			continue;
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("MERGE cannot leave columns of foreign table \"%s\" to their defaults",
						RelationGetRelationName(modify->rel)),
				 errdetail("An %s of the statement has no value for column \"%s\".",
						   inserts ? "INSERT" : "UPDATE",
						   get_attname(RelationGetRelid(modify->rel), attnum,
									   false)),
				 errhint("Give it a value, or use INSERT ... SELECT.")));
	}
}

void
neon_find_routed_defaults(NeonModify *modify, ModifyTableState *mtstate)
{
	ModifyTable *plan = (ModifyTable *) mtstate->ps.plan;
	Oid			root = RelationGetRelid(mtstate->rootResultRelInfo->ri_RelationDesc);
	Oid			first = exec_rt_fetch(linitial_int(plan->resultRelations),
									  mtstate->ps.state)->relid;
	ListCell   *lc;

	if (plan->operation == CMD_INSERT && modify->defaults == NULL)
		find_inserted(modify, plan, root);
	if (plan->operation == CMD_UPDATE)
		find_updated(modify, plan, first);
	if (plan->operation != CMD_MERGE)
		return;
	foreach(lc, (List *) linitial(plan->mergeActionLists))
		check_action(modify, lfirst_node(MergeAction, lc), root, first);
}
