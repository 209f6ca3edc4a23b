/*-------------------------------------------------------------------------
 *
 * statement/write_exec.c
 *		Execution of a whole INSERT, UPDATE or DELETE.
 *
 * All of it is done when the first row is asked for: once the statement is
 * sent it is done, however many of its rows are wanted.  A statement that is
 * a transaction of its own is committed by that.  Any other is rehearsed, and
 * what it did goes into the transaction's queue.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "option/option.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "compat/compat.h"
#include "modify/rows.h"
#include "option/option.h"
#include "scan/explain.h"
#include "scan/scan.h"
#include "scan/siblings.h"
#include "statement/deferred.h"
#include "statement/rehearse.h"
#include "statement/write_exec.h"
#include "statement/write_now.h"

typedef struct NeonWriteState
{
	CustomScanState css;		/* must be first */
	NeonScanState scan;			/* sql, parameters, format, what it cost */
	NeonWritePlan plan;
	bool		executed;
	int64		ngathered;		/* rows that were made here */
	Tuplestorestate *rows;		/* to be returned, NULL: none */
	TupleTableSlot *row_slot;	/* one of them, as it is stored */
} NeonWriteState;

/* ---------- rows ---------- */

/* Keeps the leading columns of a row for whoever reads the node. */
static void
keep_row(void *arg, const NeonRow *row)
{
	NeonWriteState *state = (NeonWriteState *) arg;

	if (state->rows != NULL)
		neon_scan_keep(&state->scan, row, state->css.ss.ss_ScanTupleSlot,
					   state->rows);
}

/* ---------- the node ---------- */

/*
 * Appends the rows that the plan below makes to the parameters, each column
 * as one.  Junk columns of that plan come last and are left out.
 */
static void
gather(NeonWriteState *state, NeonQuery *query)
{
	PlanState  *source = linitial(state->css.custom_ps);
	int			ncolumns = state->plan.ngathered;
	NeonRowPrinter *printer = neon_row_printer(ExecGetResultType(source));
	List	   *shape = NIL;
	const char **params = palloc((query->nparams + ncolumns) * sizeof(char *));
	NeonQuery	columns = {0};
	NeonRows	rows;
	TupleTableSlot *slot;
	MemoryContext old;

	for (int i = 1; i <= ncolumns; i++)
		shape = lappend_int(shape, i);
	neon_rows_init(&rows, shape, 0);
	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		/* the plan may keep what it allocates until the end of the query */
		old = MemoryContextSwitchTo(state->css.ss.ps.state->es_query_cxt);
		slot = ExecProcNode(source);
		MemoryContextSwitchTo(old);
		if (TupIsNull(slot))
			break;
		neon_row_print_begin(printer);
		neon_rows_append_slot(&rows, printer, slot);
		state->ngathered++;
		neon_row_print_end(printer);
	}
	neon_rows_params(&rows, &columns, false);
	memcpy(params, query->params, query->nparams * sizeof(char *));
	memcpy(params + query->nparams, columns.params, ncolumns * sizeof(char *));
	query->nparams += ncolumns;
	query->params = params;
}

/* What is to be executed, in the current memory context. */
static NeonWriteTask *
make_task(NeonWriteState *state)
{
	EState	   *estate = state->css.ss.ps.state;
	NeonWriteTask *task = palloc0_object(NeonWriteTask);
	MemoryContext old;

	if (state->plan.returns)
	{
		old = MemoryContextSwitchTo(estate->es_query_cxt);
		state->rows = tuplestore_begin_heap(false, false, work_mem);
		MemoryContextSwitchTo(old);
	}
	task->plan = &state->plan;
	task->query.nparams = neon_params_count(state->scan.params);
	task->query.params = neon_params_eval(state->scan.params,
										  state->css.ss.ps.ps_ExprContext);
	if (state->css.custom_ps != NIL)
		gather(state, &task->query);
	task->ngathered = state->ngathered;
	task->cid = estate->es_output_cid;
	task->user = state->scan.user;
	task->stats = &state->scan.stats;
	task->keep_row = keep_row;
	task->arg = state;
	neon_write_touch(&task->touch, &state->plan, task->query.params);
	state->executed = true;
	return task;
}

/*
 * May a part of the statement be executed when another one is?  Its rows may
 * depend on what other nodes return.
 */
static bool
may_go_along(NeonWriteState *state, NeonWriteState *asking)
{
	return !state->executed && state->css.custom_ps == NIL &&
		state->scan.user->umid == asking->scan.user->umid &&
		!neon_depends_on_siblings(state->scan.exprs);
}

/* Rehearses a part of a statement, and others of the same together with it. */
static void
rehearse_parts(NeonWriteState *state, NeonWriteTask *task)
{
	List	   *tasks = list_make1(task);
	Size		size = neon_rehearsal_size(task);
	ListCell   *lc;

	foreach(lc, neon_siblings(state->css.ss.ps.state, NEON_SIBLING_PART))
	{
		NeonWriteState *other = lfirst(lc);

		if (size > NEON_TOGETHER_BYTES)
			break;
		if (!may_go_along(other, state))
			continue;
		task = make_task(other);
		size += neon_rehearsal_size(task);
		tasks = lappend(tasks, task);
	}
	neon_rehearse_together(tasks, palloc_array(int64, list_length(tasks)));
}

/*
 * Is the node all of the statement's plan, or does it belong to a statement in
 * WITH?
 */
static bool
is_whole_plan(PlanState *node)
{
	return node->plan == node->state->es_plannedstmt->planTree;
}

static void
run(NeonWriteState *state, NeonWriteTask *task)
{
	EState	   *estate = state->css.ss.ps.state;
	int64		nrows;

	if (!neon_returned_may_fail(&state->plan) &&
		neon_transaction_commits_now(state->scan.user, estate))
		nrows = neon_run_write(task);
	else if (!neon_defer_write(task, estate, &nrows))
	{
		if (!is_whole_plan(&state->css.ss.ps))
		{
			rehearse_parts(state, task);
			return;
		}
		nrows = neon_rehearse_write(task);
	}
	if (is_whole_plan(&state->css.ss.ps))
		estate->es_processed = nrows;
}

static void
execute(NeonWriteState *state)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "neon statement",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);

	run(state, make_task(state));
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

static TupleTableSlot *
next_row(ScanState *node)
{
	NeonWriteState *state = (NeonWriteState *) node;
	TupleTableSlot *slot = node->ss_ScanTupleSlot;
	TupleTableSlot *row = state->row_slot;

	if (!state->executed)
		execute(state);
	ExecClearTuple(slot);
	if (state->rows == NULL ||
		!tuplestore_gettupleslot(state->rows, true, false, row))
		return slot;
	slot_getallattrs(row);
	memcpy(slot->tts_values, row->tts_values,
		   row->tts_tupleDescriptor->natts * sizeof(Datum));
	memcpy(slot->tts_isnull, row->tts_isnull,
		   row->tts_tupleDescriptor->natts * sizeof(bool));
	return ExecStoreVirtualTuple(slot);
}

/* There is nothing to check again, because no row is locked here. */
static bool
recheck_row(ScanState *node, TupleTableSlot *slot)
{
	return true;
}

static TupleTableSlot *
exec_write(CustomScanState *node)
{
	return ExecScan(&node->ss, next_row, recheck_row);
}

static void
begin_write(CustomScanState *node, EState *estate, int eflags)
{
	NeonWriteState *state = (NeonWriteState *) node;
	CustomScan *plan = (CustomScan *) node->ss.ps.plan;
	Oid			userid = state->plan.userid;

	if (plan->custom_plans != NIL)
		node->custom_ps = list_make1(ExecInitNode(linitial(plan->custom_plans),
												  estate, eflags));
	if (eflags & EXEC_FLAG_EXPLAIN_ONLY)
		return;
	/* in WITH it is done even if nobody reads its rows */
	if (!is_whole_plan(&node->ss.ps))
	{
		estate->es_auxmodifytables = lcons(node, estate->es_auxmodifytables);
		neon_sibling_add(estate, NEON_SIBLING_PART, state);
	}
	neon_scan_begin(&state->scan, &node->ss,
					neon_user_mapping(userid, state->plan.serverid),
					plan->custom_exprs, NULL, plan->custom_scan_tlist);
	state->row_slot =
		ExecInitExtraTupleSlot(estate,
							   node->ss.ss_ScanTupleSlot->tts_tupleDescriptor,
							   &TTSOpsMinimalTuple);
}

static void
end_write(CustomScanState *node)
{
	NeonWriteState *state = (NeonWriteState *) node;

	if (state->rows != NULL)
		tuplestore_end(state->rows);
	state->rows = NULL;
	if (node->custom_ps != NIL)
		ExecEndNode(linitial(node->custom_ps));
}

static void
rescan(CustomScanState *node)
{
	elog(ERROR, "a statement that writes cannot be executed again");
}

static void
explain_write(CustomScanState *node, List *ancestors, ExplainState *es)
{
	CustomScan *plan = (CustomScan *) node->ss.ps.plan;

	neon_explain_scan(&((NeonWriteState *) node)->scan, &node->ss.ps,
					  plan->custom_exprs, es);
}

const CustomExecMethods neon_write_exec_methods = {
	.CustomName = "Neon Remote Write",
	.BeginCustomScan = begin_write,
	.ExecCustomScan = exec_write,
	.EndCustomScan = end_write,
	.ReScanCustomScan = rescan,
	.ExplainCustomScan = explain_write
};

Node *
neon_write_create_state(CustomScan *plan)
{
	NeonWriteState *state = palloc0(sizeof(NeonWriteState));

	NodeSetTag(state, T_CustomScanState);
	state->css.methods = &neon_write_exec_methods;
	neon_write_plan_read(&state->plan, plan->custom_private);
	state->scan.sql = state->plan.now;
	state->scan.columns = state->plan.columns;
	state->scan.ncolumns = list_length(state->scan.columns);
	return (Node *) state;
}
