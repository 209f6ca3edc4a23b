/*-------------------------------------------------------------------------
 *
 * explain.c
 *		What EXPLAIN shows of a foreign scan.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/explain.h"
#include "nodes/plannodes.h"
#include "utils/ruleutils.h"

#include "compat.h"
#include "explain.h"
#include "scan.h"

static bool find_ancestors(Plan *plan, Plan *target, List **ancestors);

static bool
find_in_list(List *plans, Plan *target, List **ancestors)
{
	ListCell   *lc;

	foreach(lc, plans)
	{
		if (find_ancestors(lfirst(lc), target, ancestors))
			return true;
	}
	return false;
}

/*
 * Finds target in a plan tree and returns the plans above it, the nearest
 * first.  EXPLAIN does not hand the callback this list, and without it the
 * parameters of a nested loop print as mere numbers.
 */
static bool
find_ancestors(Plan *plan, Plan *target, List **ancestors)
{
	bool		found;

	if (plan == NULL)
		return false;
	if (plan == target)
		return true;

	found = find_ancestors(outerPlan(plan), target, ancestors) ||
		find_ancestors(innerPlan(plan), target, ancestors);
	if (!found && IsA(plan, Append))
		found = find_in_list(((Append *) plan)->appendplans, target, ancestors);
	else if (!found && IsA(plan, MergeAppend))
		found = find_in_list(((MergeAppend *) plan)->mergeplans, target,
							 ancestors);
	else if (!found && IsA(plan, SubqueryScan))
		found = find_ancestors(((SubqueryScan *) plan)->subplan, target,
							   ancestors);
	else if (!found && IsA(plan, CustomScan))
		found = find_in_list(((CustomScan *) plan)->custom_plans, target,
							 ancestors);
	if (found)
		*ancestors = lappend(*ancestors, plan);
	return found;
}

static List *
plan_ancestors(PlannedStmt *stmt, Plan *plan)
{
	List	   *ancestors = NIL;

	if (!find_ancestors(stmt->planTree, plan, &ancestors))
	{
		ancestors = NIL;
		(void) find_in_list(stmt->subplans, plan, &ancestors);
	}
	return ancestors;
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

static void
explain_stats(NeonStats *stats, ExplainState *es)
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
			appendStringInfo(es->str, "  Waited: %.3f ms", wait);
		appendStringInfoChar(es->str, '\n');
		return;
	}
	ExplainPropertyInteger("Requests", NULL, stats->requests, es);
	ExplainPropertyInteger("Retries", NULL, stats->retries, es);
	ExplainPropertyInteger("Bytes Sent", NULL, stats->bytes_sent, es);
	ExplainPropertyInteger("Bytes Received", NULL, stats->bytes_received, es);
	if (es->timing)
		ExplainPropertyFloat("Waited", "ms", wait, 3, es);
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
	if (es->analyze)
		explain_stats(&state->stats, es);
}

void
neonExplainForeignScan(ForeignScanState *node, ExplainState *es)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;

	neon_explain_scan(node->fdw_state, &node->ss.ps, plan->fdw_exprs, es);
}
