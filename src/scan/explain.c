/*-------------------------------------------------------------------------
 *
 * scan/explain.c
 *		What EXPLAIN shows of a foreign scan.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/explain.h"
#include "nodes/nodeFuncs.h"
#include "nodes/plannodes.h"
#include "utils/ruleutils.h"

#include "compat/compat.h"
#include "plan/scan_items.h"
#include "scan/explain.h"
#include "scan/scan.h"

/* A search for the way from one node to the top of the plan. */
typedef struct PlanSearch
{
	Plan	   *target;			/* the node; NULL: search for the node whose
								 * expressions use subplan */
	int			subplan;
	SubPlan    *use;			/* the expression that uses subplan */
	List	   *ancestors;		/* nodes found so far, the nearest first */
} PlanSearch;

static bool find_in_plan(Plan *plan, PlanSearch *search);

static bool
find_in_list(List *plans, PlanSearch *search)
{
	ListCell   *lc;

	foreach(lc, plans)
	{
		if (find_in_plan(lfirst(lc), search))
			return true;
	}
	return false;
}

static bool
find_use_walker(Node *node, PlanSearch *search)
{
	if (node == NULL)
		return false;
	if (IsA(node, SubPlan) && ((SubPlan *) node)->plan_id == search->subplan)
	{
		search->use = (SubPlan *) node;
		return true;
	}
	return expression_tree_walker(node, find_use_walker, search);
}

/*
 * Is it the node that is searched for?  A subplan is looked for where most
 * plans have them.  If it is used elsewhere, parameters print as mere numbers.
 */
static bool
is_searched_for(Plan *plan, PlanSearch *search)
{
	if (search->target != NULL)
		return plan == search->target;
	if (find_use_walker((Node *) plan->initPlan, search) ||
		find_use_walker((Node *) plan->targetlist, search) ||
		find_use_walker((Node *) plan->qual, search))
		return true;
	switch (nodeTag(plan))
	{
		case T_NestLoop:
		case T_MergeJoin:
		case T_HashJoin:
			return find_use_walker((Node *) ((Join *) plan)->joinqual, search);
		case T_Result:
			return find_use_walker(((Result *) plan)->resconstantqual, search);
		default:
			return false;
	}
}

/*
 * Adds the nodes above the one that is searched for.  A node that uses the
 * subplan is added itself, too.
 */
static bool
find_in_plan(Plan *plan, PlanSearch *search)
{
	bool		found;

	if (plan == NULL)
		return false;
	if (is_searched_for(plan, search))
	{
		if (search->target == NULL)
			search->ancestors = lappend(lappend(search->ancestors, search->use),
										plan);
		return true;
	}

	found = find_in_plan(outerPlan(plan), search) ||
		find_in_plan(innerPlan(plan), search);
	if (!found && IsA(plan, Append))
		found = find_in_list(((Append *) plan)->appendplans, search);
	else if (!found && IsA(plan, MergeAppend))
		found = find_in_list(((MergeAppend *) plan)->mergeplans, search);
	else if (!found && IsA(plan, SubqueryScan))
		found = find_in_plan(((SubqueryScan *) plan)->subplan, search);
	else if (!found && IsA(plan, CustomScan))
		found = find_in_list(((CustomScan *) plan)->custom_plans, search);
	if (found)
		search->ancestors = lappend(search->ancestors, plan);
	return found;
}

/* The number of the subplan that has the node, 0 if none has it. */
static int
find_subplan(List *subplans, PlanSearch *search)
{
	ListCell   *lc;

	foreach(lc, subplans)
	{
		if (find_in_plan(lfirst(lc), search))
			return foreach_current_index(lc) + 1;
	}
	return 0;
}

/*
 * The nodes above a plan node, the nearest first; above the top of a subplan
 * comes the SubPlan that uses it.  EXPLAIN does not hand this list to the
 * callback, and without the list the parameters of nested loops and subqueries
 * print as mere numbers.
 */
static List *
plan_ancestors(PlannedStmt *stmt, Plan *plan)
{
	PlanSearch	search = {plan};
	int			depth = list_length(stmt->subplans);

	while (!find_in_plan(stmt->planTree, &search) && depth-- > 0)
	{
		int			subplan = find_subplan(stmt->subplans, &search);

		if (subplan == 0)
			break;
		search.target = NULL;
		search.subplan = subplan;
	}
	return search.ancestors;
}

static void
explain_params(Plan *plan, List *exprs, ExplainState *es)
{
	List	   *context;
	List	   *texts = NIL;
	int			n = 0;
	ListCell   *lc;

	if (exprs == NIL)
		return;
	context = set_deparse_context_plan(es->deparse_cxt, plan,
									   plan_ancestors(es->pstmt, plan));
	foreach(lc, exprs)
	{
		char	   *text = deparse_expression(lfirst(lc), context, true, false);

		texts = lappend(texts, psprintf("$%d = %s", ++n, text));
	}
	ExplainPropertyList("Remote Parameters", texts, es);
}

/* Of what the transaction has read before, sent along with the requests. */
static void
explain_read_checks(NeonStats *stats, ExplainState *es)
{
	if (stats->read_checks == 0)
		return;
	if (es->format == EXPLAIN_FORMAT_TEXT)
	{
		appendStringInfoSpaces(es->str, es->indent * 2);
		appendStringInfo(es->str, "Read Checks: " INT64_FORMAT
						 "  Sent: " INT64_FORMAT " bytes\n",
						 stats->read_checks, stats->check_bytes);
		return;
	}
	ExplainPropertyInteger("Read Checks", NULL, stats->read_checks, es);
	ExplainPropertyInteger("Read Check Bytes", NULL, stats->check_bytes, es);
}

void
neon_explain_stats(NeonStats *stats, ExplainState *es)
{
	double		wait = INSTR_TIME_GET_MILLISEC(stats->wait);

	if (es->format == EXPLAIN_FORMAT_TEXT)
	{
		appendStringInfoSpaces(es->str, es->indent * 2);
		appendStringInfo(es->str, "Requests: " INT64_FORMAT
						 "  Retries: " INT64_FORMAT
						 "  Sent: " INT64_FORMAT " bytes"
						 "  Received: " INT64_FORMAT " bytes",
						 stats->requests, stats->retries,
						 stats->bytes_sent, stats->bytes_received);
		if (es->timing)
			appendStringInfo(es->str, "  Waited: %.3f ms  Until Reply: %.3f ms",
							 wait, stats->until_reply / 1000.0);
		appendStringInfoChar(es->str, '\n');
		explain_read_checks(stats, es);
		if (stats->spilled > 0)
			ExplainPropertyInteger("Rows Spilled on Remote", NULL,
								   stats->spilled, es);
		return;
	}
	ExplainPropertyInteger("Requests", NULL, stats->requests, es);
	ExplainPropertyInteger("Retries", NULL, stats->retries, es);
	ExplainPropertyInteger("Bytes Sent", NULL, stats->bytes_sent, es);
	ExplainPropertyInteger("Bytes Received", NULL, stats->bytes_received, es);
	if (stats->spilled > 0)
		ExplainPropertyInteger("Rows Spilled on Remote", NULL, stats->spilled,
							   es);
	if (es->timing)
	{
		ExplainPropertyFloat("Waited", "ms", wait, 3, es);
		ExplainPropertyFloat("Until Reply", "ms", stats->until_reply / 1000.0,
							 3, es);
	}
	explain_read_checks(stats, es);
}

void
neon_explain_scan(NeonScanState *state, PlanState *node, List *exprs,
				  ExplainState *es)
{
	if (es->verbose)
	{
		ExplainPropertyText("Remote SQL", state->sql, es);
		explain_params(node->plan, exprs, es);
	}
	if (!es->analyze)
		return;
	neon_explain_stats(&state->stats, es);
	if (state->sorted > 0)
		ExplainPropertyInteger("Rows Sorted Here", NULL, state->sorted, es);
}

void
neonExplainForeignScan(ForeignScanState *node, ExplainState *es)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;

	if (list_length(plan->fdw_private) > NEON_SCAN_RELATIONS)
		ExplainPropertyText("Relations",
							strVal(list_nth(plan->fdw_private,
											NEON_SCAN_RELATIONS)), es);
	neon_explain_scan(node->fdw_state, &node->ss.ps, plan->fdw_exprs, es);
}
