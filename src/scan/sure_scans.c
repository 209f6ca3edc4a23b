/*-------------------------------------------------------------------------
 *
 * scan/sure_scans.c
 *		Which nodes of a running plan will be asked for rows?
 *
 * The walk starts at the top of the plan, which is running.  It goes down to
 * the nodes that their parent is sure to ask for a row, or for all of them.
 * What stands in the way of that, a LIMIT that may be 0 or a condition without
 * columns, does not count above the node that asks: that one has been reached.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "nodes/extensible.h"
#include "nodes/nodeFuncs.h"

#include "compat/planner.h"
#include "scan/sure_scans.h"

typedef struct PlanWalk
{
	PlannedStmt *stmt;
	Plan	   *asking;
	List	   *scans;			/* result */
	List	   *initplans;		/* SubPlans that are run once, if at all */
	Bitmapset  *subplans;		/* numbers of those that were walked through */
} PlanWalk;

static void walk(Plan *plan, bool complete, PlanWalk *search);
static bool contains(Plan *plan, PlanWalk *search);

/* ---------- is the node that asks below this one? ---------- */

static bool
list_contains(List *plans, PlanWalk *search)
{
	ListCell   *lc;

	foreach(lc, plans)
	{
		if (contains(lfirst(lc), search))
			return true;
	}
	return false;
}

static bool
contains(Plan *plan, PlanWalk *search)
{
	if (plan == NULL)
		return false;
	check_stack_depth();
	if (plan == search->asking || contains(outerPlan(plan), search) ||
		contains(innerPlan(plan), search))
		return true;
	switch (nodeTag(plan))
	{
		case T_Append:
			return list_contains(((Append *) plan)->appendplans, search);
		case T_MergeAppend:
			return list_contains(((MergeAppend *) plan)->mergeplans, search);
		case T_SubqueryScan:
			return contains(((SubqueryScan *) plan)->subplan, search);
		case T_CustomScan:
			return list_contains(((CustomScan *) plan)->custom_plans, search);
		default:
			return false;
	}
}

/* ---------- the walk ---------- */

static void
walk_subplan(int plan_id, PlanWalk *search)
{
	if (bms_is_member(plan_id, search->subplans))
		return;
	search->subplans = bms_add_member(search->subplans, plan_id);
	walk(list_nth(search->stmt->subplans, plan_id - 1), false, search);
}

/* The subplan that computes a parameter once, 0 if there is none. */
static int
initplan_of(int paramid, PlanWalk *search)
{
	ListCell   *lc;

	foreach(lc, search->initplans)
	{
		SubPlan    *subplan = lfirst_node(SubPlan, lc);

		if (list_member_int(subplan->setParam, paramid))
			return subplan->plan_id;
	}
	return 0;
}

/*
 * Walks through the subplans that an expression is sure to use, if they are
 * run once.  An expression with a choice may leave out what it has inside.
 */
static bool
subplan_walker(Node *node, PlanWalk *search)
{
	if (node == NULL || IsA(node, CaseExpr) || IsA(node, CoalesceExpr))
		return false;
	if (IsA(node, SubPlan) && ((SubPlan *) node)->parParam == NIL)
		walk_subplan(((SubPlan *) node)->plan_id, search);
	else if (IsA(node, Param) && ((Param *) node)->paramkind == PARAM_EXEC)
	{
		int			plan_id = initplan_of(((Param *) node)->paramid, search);

		if (plan_id > 0)
			walk_subplan(plan_id, search);
	}
	return expression_tree_walker(node, subplan_walker, search);
}

/* Walks through the expressions of a node, where most subplans are used. */
static void
walk_expressions(Plan *plan, PlanWalk *search)
{
	(void) subplan_walker((Node *) plan->qual, search);
	(void) subplan_walker((Node *) plan->targetlist, search);
	switch (nodeTag(plan))
	{
		case T_ForeignScan:
			(void) subplan_walker((Node *) ((ForeignScan *) plan)->fdw_exprs,
								  search);
			break;
		case T_CustomScan:
			(void) subplan_walker((Node *) ((CustomScan *) plan)->custom_exprs,
								  search);
			break;
		case T_NestLoop:
		case T_MergeJoin:
		case T_HashJoin:
			(void) subplan_walker((Node *) ((Join *) plan)->joinqual, search);
			break;
		case T_Result:
			(void) subplan_walker(((Result *) plan)->resconstantqual, search);
			break;
		case T_CteScan:
			walk_subplan(((CteScan *) plan)->ctePlanId, search);
			break;
		default:
			break;
	}
}

static void
walk_list(List *plans, bool complete, PlanWalk *search)
{
	ListCell   *lc;

	foreach(lc, plans)
		walk(lfirst(lc), complete, search);
}

static bool
is_positive(Node *count)
{
	Const	   *value = (Const *) count;

	return count == NULL ||
		(IsA(value, Const) &&
		 (value->constisnull || DatumGetInt64(value->constvalue) > 0));
}

static void
walk_append(Append *append, bool complete, PlanWalk *search)
{
	bool		reached = contains((Plan *) append, search);
	ListCell   *lc;

	/* What is left of the partitions is known at run time only. */
	if (neon_append_prunes(append) && !reached)
		return;
	foreach(lc, append->appendplans)
	{
		/* The first has to be read to its end before the next is. */
		if (!neon_append_prunes(append) || contains(lfirst(lc), search))
			walk(lfirst(lc), complete, search);
		if (!complete)
			break;
	}
}

/*
 * A foreign scan may have a child, the local plan of a join, which is not run.
 * Of custom scans of other extensions nothing is known.
 */
static void
walk_scan(Plan *plan, bool complete, PlanWalk *search)
{
	CustomScan *custom = (CustomScan *) plan;

	search->scans = lappend(search->scans, plan);
	if (IsA(plan, CustomScan) &&
		strncmp(custom->methods->CustomName, "Neon ", strlen("Neon ")) == 0)
		walk_list(custom->custom_plans, complete, search);
}

/* complete: all rows of the node will be asked for. */
static void
walk(Plan *plan, bool complete, PlanWalk *search)
{
	if (plan == NULL)
		return;
	check_stack_depth();
	search->initplans = list_concat(search->initplans, plan->initPlan);
	walk_expressions(plan, search);
	switch (nodeTag(plan))
	{
		case T_ForeignScan:
		case T_CustomScan:
			walk_scan(plan, complete, search);
			break;
		case T_Limit:
			if (is_positive(((Limit *) plan)->limitCount) ||
				contains(plan, search))
				walk(outerPlan(plan), false, search);
			break;
		case T_Result:
			if (((Result *) plan)->resconstantqual == NULL ||
				contains(plan, search))
				walk(outerPlan(plan), complete, search);
			break;
		case T_Append:
			walk_append((Append *) plan, complete, search);
			break;
		case T_MergeAppend:
			if (!neon_merge_append_prunes((MergeAppend *) plan))
				walk_list(((MergeAppend *) plan)->mergeplans, complete,
						  search);
			break;
		case T_SubqueryScan:
			walk(((SubqueryScan *) plan)->subplan, complete, search);
			break;
		case T_RecursiveUnion:
			walk(outerPlan(plan), complete, search);
			break;
		case T_Sort:
		case T_Hash:
		case T_Agg:
		case T_ModifyTable:
			walk(outerPlan(plan), true, search);
			break;
		case T_Gather:
		case T_GatherMerge:
			break;
		default:
			/* A side that a join keeps comes first. */
			walk(innerPlan(plan), complete, search);
			walk(outerPlan(plan), complete, search);
			break;
	}
}

List *
neon_sure_scans(PlannedStmt *stmt, Plan *asking)
{
	PlanWalk	search = {stmt, asking};

	walk(stmt->planTree, true, &search);
	return search.scans;
}
