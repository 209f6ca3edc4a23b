/*-------------------------------------------------------------------------
 *
 * bind_join/explain.c
 *		What EXPLAIN shows of a bind join.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "commands/explain.h"
#include "nodes/makefuncs.h"
#include "utils/ruleutils.h"

#include "bind_join/explain.h"
#include "bind_join/node.h"
#include "bind_join/state.h"
#include "compat/compat.h"
#include "scan/explain.h"

static const char *
join_name(JoinType jointype)
{
	switch (jointype)
	{
		case JOIN_LEFT:
			return "Left";
		case JOIN_SEMI:
			return "Semi";
		case JOIN_ANTI:
			return "Anti";
		default:
			return "Inner";
	}
}

static void
explain_condition(const char *label, List *quals, List *context,
				  bool useprefix, ExplainState *es)
{
	if (quals == NIL)
		return;
	ExplainPropertyText(label,
						deparse_expression((Node *) make_ands_explicit(quals),
										   context, useprefix, false),
						es);
}

/* Shows the expression of each $n; that of a key has a batch of values. */
static void
explain_params(NeonBindState *state, List *exprs, List *context,
			   ExplainState *es)
{
	List	   *others = list_nth(exprs, NEON_BIND_PARAMS);
	List	   *keys = list_nth(exprs, NEON_BIND_OUTER_KEYS);
	List	   *texts = NIL;
	int			next = 0;
	ListCell   *lc;

	foreach(lc, (List *) list_nth(state->private, NEON_BIND_PARAM_KEYS))
	{
		int			number = lfirst_int(lc);
		Node	   *expr = number < 0 ? list_nth(others, next++) :
			list_nth(keys, number);
		char	   *text = deparse_expression(expr, context, true, false);

		texts = lappend(texts, psprintf(number < 0 ? "$%d = %s" :
										"$%d = batch of %s",
										list_length(texts) + 1, text));
	}
	ExplainPropertyList("Remote Parameters", texts, es);
}

static void
explain_batches(NeonBindState *state, ExplainState *es)
{
	if (es->format == EXPLAIN_FORMAT_TEXT)
	{
		appendStringInfoSpaces(es->str, es->indent * 2);
		appendStringInfo(es->str, "Batches: " INT64_FORMAT
						 "  Keys: " INT64_FORMAT "\n",
						 state->nbatches, state->nkeys);
		return;
	}
	ExplainPropertyInteger("Batches", NULL, state->nbatches, es);
	ExplainPropertyInteger("Keys", NULL, state->nkeys, es);
}

void
neon_bind_explain(CustomScanState *node, List *ancestors, ExplainState *es)
{
	NeonBindState *state = (NeonBindState *) node;
	CustomScan *plan = (CustomScan *) node->ss.ps.plan;
	List	   *context;

	context = set_deparse_context_plan(es->deparse_cxt, &plan->scan.plan,
									   ancestors);
	ExplainPropertyText("Join Type", join_name(state->jointype), es);
	explain_condition("Join Cond",
					  list_nth(plan->custom_exprs, NEON_BIND_JOIN),
					  context, true, es);
	explain_condition("Inner Filter",
					  list_nth(plan->custom_exprs, NEON_BIND_FILTER),
					  context, true, es);
	if (es->verbose)
	{
		ExplainPropertyText("Remote SQL", state->sql, es);
		explain_params(state, plan->custom_exprs, context, es);
	}
	if (es->analyze)
	{
		explain_batches(state, es);
		neon_explain_stats(&state->stats, es);
	}
}
