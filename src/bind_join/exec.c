/*-------------------------------------------------------------------------
 *
 * bind_join/exec.c
 *		Execution of a bind join.
 *
 * Two batches are under way at once: while the remote rows of one batch are
 * read and joined, the remote works on the next one.  The exception is the
 * first batch of a query that may want few rows (LIMIT, a cursor): the second
 * batch is asked for when half of the first one's outer rows have been joined.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/tupdesc.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/value.h"
#include "option/option.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "bind_join/batch.h"
#include "bind_join/batch_size.h"
#include "bind_join/exec.h"
#include "bind_join/explain.h"
#include "bind_join/node.h"
#include "compat/compat.h"
#include "compat/planner.h"

static Node *create_state(CustomScan *plan);
static void begin(CustomScanState *node, EState *estate, int eflags);
static TupleTableSlot *exec(CustomScanState *node);
static void end(CustomScanState *node);
static void rescan(CustomScanState *node);

const CustomScanMethods neon_bind_scan_methods = {
	.CustomName = NEON_BIND_NAME,
	.CreateCustomScanState = create_state
};

static const CustomExecMethods exec_methods = {
	.CustomName = NEON_BIND_NAME,
	.BeginCustomScan = begin,
	.ExecCustomScan = exec,
	.EndCustomScan = end,
	.ReScanCustomScan = rescan,
	.ExplainCustomScan = neon_bind_explain
};

void
neon_bind_exec_init(void)
{
	RegisterCustomScanMethods(&neon_bind_scan_methods);
}

static Node *
create_state(CustomScan *plan)
{
	NeonBindState *state = palloc0(sizeof(NeonBindState));

	NodeSetTag(state, T_CustomScanState);
	state->css.methods = &exec_methods;
	return (Node *) state;
}

/* ---------- start ---------- */

static List *
item(NeonBindState *state, enum NeonBindPrivate which)
{
	return list_nth(state->private, which);
}

static List *
exprs(NeonBindState *state, enum NeonBindExprs which)
{
	return list_nth(((CustomScan *) state->css.ss.ps.plan)->custom_exprs,
					which);
}

static int *
integers(List *list)
{
	int		   *result = palloc(sizeof(int) * Max(list_length(list), 1));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, list)
		result[n++] = lfirst_int(lc);
	return result;
}

/* All parameters of the remote statement: by $n, its expression. */
static List *
statement_params(NeonBindState *state)
{
	List	   *result = NIL;
	List	   *others = exprs(state, NEON_BIND_PARAMS);
	int			next = 0;
	ListCell   *lc;

	foreach(lc, item(state, NEON_BIND_PARAM_KEYS))
	{
		int			number = lfirst_int(lc);
		Param	   *param;

		if (number < 0)
		{
			result = lappend(result, list_nth(others, next++));
			continue;
		}
		param = makeNode(Param);
		param->paramkind = PARAM_EXEC;
		param->paramid = state->keys->columns[number].param;
		param->paramtype = state->keys->columns[number].array_type;
		param->paramtypmod = -1;
		param->location = -1;
		result = lappend(result, param);
	}
	return result;
}

/*
 * A remote row as it comes: its columns have the names and types that they
 * have in the foreign table.
 */
static void
init_row(NeonBindState *state)
{
	TupleDesc	scan = state->css.ss.ss_ScanTupleSlot->tts_tupleDescriptor;
	Oid			table = list_nth_oid(item(state, NEON_BIND_OIDS),
									 NEON_BIND_TABLE);
	TupleDesc	desc;
	List	   *numbers = NIL;
	int			i;

	state->ncolumns = list_length(item(state, NEON_BIND_COLUMNS));
	desc = CreateTemplateTupleDesc(state->ncolumns);
	for (i = 0; i < state->ninner; i++)
	{
		int			source = state->inner_sources[i];

		if (source == 0)
			continue;
		TupleDescCopyEntry(desc, source, scan, state->nouter + i + 1);
		namestrcpy(&TupleDescAttr(desc, source - 1)->attname,
				   get_attname(table,
							   list_nth_int(item(state, NEON_BIND_COLUMNS),
											source - 1),
							   false));
	}
	neon_finish_tuple_desc(desc);
	for (i = 1; i <= state->ncolumns; i++)
		numbers = lappend_int(numbers, i);
	state->row_slot = ExecInitExtraTupleSlot(state->css.ss.ps.state, desc,
											 &TTSOpsVirtual);
	state->format = neon_row_format(desc, numbers, get_rel_name(table), NIL);
	state->row_context = AllocSetContextCreate(CurrentMemoryContext,
											   "neon_http_fdw row",
											   ALLOCSET_DEFAULT_SIZES);
}

/* The part of the tuple that is stored for a remote row. */
static TupleDesc
inner_desc(NeonBindState *state)
{
	TupleDesc	scan = state->css.ss.ss_ScanTupleSlot->tts_tupleDescriptor;
	TupleDesc	desc = CreateTemplateTupleDesc(state->ninner);
	int			i;

	for (i = 1; i <= state->ninner; i++)
		TupleDescCopyEntry(desc, i, scan, state->nouter + i);
	neon_finish_tuple_desc(desc);
	return desc;
}

static void
init_plan_items(NeonBindState *state)
{
	List	   *flags;

	state->private = ((CustomScan *) state->css.ss.ps.plan)->custom_private;
	flags = item(state, NEON_BIND_FLAGS);
	state->sql = strVal(list_nth(state->private, NEON_BIND_SQL));
	state->jointype = (JoinType) list_nth_int(flags, NEON_BIND_JOINTYPE);
	state->single_match = list_nth_int(flags, NEON_BIND_SINGLE_MATCH);
	state->limit = list_nth_int(flags, NEON_BIND_FIRST);
	state->reply_bytes = NEON_BIND_REPLY_BYTES;
	state->eager = list_nth_int(flags, NEON_BIND_EAGER);
	state->nouter = list_length(item(state, NEON_BIND_OUTER_SOURCES));
	state->outer_sources = integers(item(state, NEON_BIND_OUTER_SOURCES));
	state->ninner = list_length(item(state, NEON_BIND_INNER_SOURCES));
	state->inner_sources = integers(item(state, NEON_BIND_INNER_SOURCES));
}

/* Prepares what is needed to run the join, but not to explain it. */
static void
init_run(NeonBindState *state, EState *estate)
{
	List	   *oids = item(state, NEON_BIND_OIDS);
	PlanState  *outer = linitial(state->css.custom_ps);
	PlanState  *self = &state->css.ss.ps;
	int			i = 0;
	ListCell   *lc;

	state->keys = neon_bind_keys_init(&state->css);
	state->computed = palloc(sizeof(ExprState *) * (state->ninner + 1));
	foreach(lc, exprs(state, NEON_BIND_COMPUTED))
		state->computed[i++] = ExecInitExpr(lfirst(lc), self);
	state->params = neon_params_init(statement_params(state), self);
	state->user = neon_user_mapping(list_nth_oid(oids, NEON_BIND_USER),
									list_nth_oid(oids, NEON_BIND_SERVER));
	init_row(state);
	state->inner_slot = ExecInitExtraTupleSlot(estate, inner_desc(state),
											   &TTSOpsMinimalTuple);
	state->outer_slot = ExecInitExtraTupleSlot(estate,
											   ExecGetResultType(outer),
											   &TTSOpsMinimalTuple);
}

static void
begin(CustomScanState *node, EState *estate, int eflags)
{
	NeonBindState *state = (NeonBindState *) node;
	CustomScan *plan = (CustomScan *) node->ss.ps.plan;
	PlanState  *outer;

	outer = ExecInitNode(linitial(plan->custom_plans), estate,
						 eflags & ~(EXEC_FLAG_BACKWARD | EXEC_FLAG_MARK));
	node->custom_ps = list_make1(outer);
	init_plan_items(state);
	/* Not in init_run(), because EXPLAIN shows subplans of these. */
	state->filter = ExecInitQual(exprs(state, NEON_BIND_FILTER),
								 &node->ss.ps);
	state->join = ExecInitQual(exprs(state, NEON_BIND_JOIN), &node->ss.ps);
	if (!(eflags & EXEC_FLAG_EXPLAIN_ONLY))
		init_run(state, estate);
}

/* ---------- joining ---------- */

/*
 * Moves on to the next batch; false if there is none.  A batch that is the
 * only one is kept, since the node may be asked for the same rows again.
 */
static bool
next_batch(NeonBindState *state)
{
	bool		first = state->batch == NULL;

	if (state->is_only_batch)
		return false;
	if (state->batch != NULL)
		neon_bind_free(state->batch);
	state->batch = state->ahead != NULL ? state->ahead :
		neon_bind_gather(state);
	state->ahead = NULL;
	if (state->batch == NULL)
		return false;
	state->is_only_batch = first && state->outer_done;
	if (state->eager || !first)
		state->ahead = neon_bind_gather(state);
	return neon_bind_load(state, state->batch);
}

/* Takes the next outer row in hand; false if there are no more. */
static bool
next_outer_row(NeonBindState *state)
{
	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		if (state->batch == NULL && !next_batch(state))
			return false;
		if (state->ahead == NULL && !state->outer_done &&
			neon_bind_half_read(state->batch))
			state->ahead = neon_bind_gather(state);

		if (neon_bind_next_outer(state, state->batch))
		{
			state->matched = neon_bind_was_matched(state->batch);
			state->candidate = state->matched &&
				(state->single_match || state->jointype == JOIN_ANTI) ? NULL :
				neon_bind_lookup(state, state->batch);
			state->probing = true;
			return true;
		}
		if (!neon_bind_load(state, state->batch) && !next_batch(state))
			return false;
	}
}

/* Joins the outer row in hand to the next row that fits. */
static bool
next_match(NeonBindState *state)
{
	ExprContext *econtext = state->css.ss.ps.ps_ExprContext;

	econtext->ecxt_scantuple = state->css.ss.ss_ScanTupleSlot;
	while (state->candidate != NULL)
	{
		neon_bind_fill_inner(state, state->candidate);
		state->candidate = state->candidate->next;
		ResetExprContext(econtext);
		if (!ExecQual(state->join, econtext))
		{
			CHECK_FOR_INTERRUPTS();
			continue;
		}
		state->matched = true;
		neon_bind_set_matched(state->batch);
		if (state->single_match || state->jointype == JOIN_ANTI)
			state->candidate = NULL;
		if (state->jointype != JOIN_ANTI)
			return true;
	}

	state->probing = false;
	if (state->matched || !neon_bind_is_last(state->batch) ||
		(state->jointype != JOIN_LEFT && state->jointype != JOIN_ANTI))
		return false;
	neon_bind_fill_inner(state, NULL);
	return true;
}

static TupleTableSlot *
next_joined(NeonBindState *state)
{
	while (state->probing || next_outer_row(state))
	{
		if (next_match(state))
			return state->css.ss.ss_ScanTupleSlot;
	}
	return ExecClearTuple(state->css.ss.ss_ScanTupleSlot);
}

/* No bind join is planned where rows may be rechecked (EvalPlanQual). */
static bool
recheck(NeonBindState *state, TupleTableSlot *slot)
{
	elog(ERROR, "a bind join cannot be rechecked");
	return false;
}

static TupleTableSlot *
exec(CustomScanState *node)
{
	return ExecScan(&node->ss, (ExecScanAccessMtd) next_joined,
					(ExecScanRecheckMtd) recheck);
}

/* ---------- end ---------- */

static void
drop_batches(NeonBindState *state)
{
	if (state->batch != NULL)
		neon_bind_free(state->batch);
	if (state->ahead != NULL)
		neon_bind_free(state->ahead);
	state->batch = NULL;
	state->ahead = NULL;
	state->is_only_batch = false;
}

static void
rescan(CustomScanState *node)
{
	NeonBindState *state = (NeonBindState *) node;
	PlanState  *outer = linitial(node->custom_ps);

	state->probing = false;
	if (node->ss.ps.chgParam == NULL && state->is_only_batch &&
		neon_bind_rewind(state->batch))
	{
		ExecScanReScan(&node->ss);
		return;
	}
	drop_batches(state);
	state->outer_done = false;
	state->limit = list_nth_int(item(state, NEON_BIND_FLAGS),
								NEON_BIND_FIRST);
	if (node->ss.ps.chgParam != NULL)
		UpdateChangedParamSet(outer, node->ss.ps.chgParam);
	if (outer->chgParam == NULL)
		ExecReScan(outer);
	ExecScanReScan(&node->ss);
}

static void
end(CustomScanState *node)
{
	drop_batches((NeonBindState *) node);
	ExecEndNode(linitial(node->custom_ps));
}
