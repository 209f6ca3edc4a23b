/*-------------------------------------------------------------------------
 *
 * statement/direct.c
 *		Execution of the change of one child as a whole statement.
 *
 * All of it is done when the first row is asked for.  If the local statement
 * does nothing else, and is a transaction of its own, it is committed by
 * that.  Otherwise it is rehearsed, and committed with the rest.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "foreign/foreign.h"
#include "option/option.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

#include "compat/compat.h"
#include "nodes/value.h"
#include "scan/explain.h"
#include "scan/scan.h"
#include "statement/direct.h"
#include "statement/direct_plan.h"
#include "statement/rehearse.h"
#include "statement/write_now.h"

typedef struct NeonDirectState
{
	NeonScanState scan;			/* sql, parameters, format, what it cost */
	NeonWritePlan plan;
	bool		alone;			/* the local statement does nothing else */
	bool		sets_tag;
	bool		executed;
	Tuplestorestate *rows;		/* for RETURNING, NULL: none */
	TupleTableSlot *stored;		/* one of them, as it is stored */
	TupleTableSlot *returned;	/* and as RETURNING sees it */
} NeonDirectState;

/* Keeps a row for RETURNING. */
static void
keep_row(void *arg, const NeonRow *row)
{
	NeonDirectState *state = (NeonDirectState *) arg;
	TupleTableSlot *slot = state->returned;
	MemoryContext old;

	if (state->rows == NULL)
		return;
	ExecClearTuple(slot);
	MemoryContextReset(state->scan.row_context);
	old = MemoryContextSwitchTo(state->scan.row_context);
	neon_row_store(state->scan.format, row, slot);
	MemoryContextSwitchTo(old);
	tuplestore_puttupleslot(state->rows, slot);
	ExecClearTuple(slot);
}

static int64
run(NeonDirectState *state, EState *estate, const NeonQuery *query)
{
	NeonWriteTask task = {.plan = &state->plan,.query = *query};

	task.cid = estate->es_output_cid;
	task.user = state->scan.user;
	task.stats = &state->scan.stats;
	task.keep_row = keep_row;
	task.arg = state;
	if (neon_transaction_autocommit(task.user) ||
		(state->alone && !neon_returned_may_fail(&state->plan) &&
		 neon_transaction_commits_now(task.user, estate)))
		return neon_run_write(&task);
	neon_write_touch(&task.touch, &state->plan, query->params);
	return neon_rehearse_write(&task);
}

static void
execute(ForeignScanState *node, NeonDirectState *state)
{
	EState	   *estate = node->ss.ps.state;
	NeonQuery	query = {0};
	int64		nrows;
	MemoryContext context;
	MemoryContext old = MemoryContextSwitchTo(estate->es_query_cxt);

	if (state->plan.returns)
		state->rows = tuplestore_begin_heap(false, false, work_mem);
	query.nparams = neon_params_count(state->scan.params);
	query.params = neon_params_eval(state->scan.params,
									node->ss.ps.ps_ExprContext);
	context = AllocSetContextCreate(CurrentMemoryContext, "neon statement",
									ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(context);
	nrows = run(state, estate, &query);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	if (state->sets_tag)
		estate->es_processed += nrows;
	if (node->ss.ps.instrument != NULL && !state->plan.returns)
		node->ss.ps.instrument->tuplecount += nrows;
	state->executed = true;
}

/* Puts the next row where RETURNING is computed from. */
static bool
next_row(ForeignScanState *node, NeonDirectState *state)
{
	TupleTableSlot *row = state->stored;
	TupleTableSlot *slot = state->returned;
	ProjectionInfo *projection = node->resultRelInfo->ri_projectReturning;

	ExecClearTuple(slot);
	if (state->rows == NULL ||
		!tuplestore_gettupleslot(state->rows, true, false, row))
		return false;
	slot_getallattrs(row);
	memcpy(slot->tts_values, row->tts_values,
		   row->tts_tupleDescriptor->natts * sizeof(Datum));
	memcpy(slot->tts_isnull, row->tts_isnull,
		   row->tts_tupleDescriptor->natts * sizeof(bool));
	ExecStoreVirtualTuple(slot);
	slot->tts_tableOid = RelationGetRelid(node->ss.ss_currentRelation);
	projection->pi_exprContext->ecxt_scantuple = slot;
	return true;
}

TupleTableSlot *
neonIterateDirectModify(ForeignScanState *node)
{
	NeonDirectState *state = node->fdw_state;
	TupleTableSlot *slot = node->ss.ss_ScanTupleSlot;

	if (!state->executed)
		execute(node, state);
	ExecClearTuple(slot);
	if (!next_row(node, state))
		return slot;
	ExecStoreAllNullTuple(slot);
	slot->tts_tableOid = RelationGetRelid(node->ss.ss_currentRelation);
	return slot;
}

/* ---------- beginning and end ---------- */

static UserMapping *
find_user(ForeignScanState *node)
{
	return neon_user_mapping(neon_result_user(node->resultRelInfo,
											  node->ss.ps.state),
							 ((ForeignScan *) node->ss.ps.plan)->fs_server);
}

void
neonBeginDirectModify(ForeignScanState *node, int eflags)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	NeonDirectState *state = palloc0(sizeof(NeonDirectState));
	EState	   *estate = node->ss.ps.state;
	TupleDesc	desc = node->ss.ss_ScanTupleSlot->tts_tupleDescriptor;
	const char *name = RelationGetRelationName(node->ss.ss_currentRelation);

	neon_write_plan_read(&state->plan,
						 list_nth(plan->fdw_private, NEON_DIRECT_WRITE));
	state->alone = boolVal(list_nth(plan->fdw_private, NEON_DIRECT_ALONE));
	state->sets_tag = boolVal(list_nth(plan->fdw_private,
									   NEON_DIRECT_SETS_TAG));
	state->scan.sql = state->plan.now;
	state->scan.columns = list_nth(plan->fdw_private, NEON_DIRECT_COLUMNS);
	state->scan.ncolumns = list_length(state->scan.columns);
	node->fdw_state = state;
	if (eflags & EXEC_FLAG_EXPLAIN_ONLY)
		return;
	neon_scan_begin(&state->scan, &node->ss, find_user(node), plan->fdw_exprs,
					name, NIL);
	state->stored = ExecInitExtraTupleSlot(estate, desc, &TTSOpsMinimalTuple);
	state->returned = ExecInitExtraTupleSlot(estate, desc, &TTSOpsVirtual);
}

void
neonEndDirectModify(ForeignScanState *node)
{
	NeonDirectState *state = node->fdw_state;

	if (state != NULL && state->rows != NULL)
		tuplestore_end(state->rows);
}

void
neonExplainDirectModify(ForeignScanState *node, struct ExplainState *es)
{
	NeonDirectState *state = node->fdw_state;

	neon_explain_scan(&state->scan, &node->ss.ps,
					  ((ForeignScan *) node->ss.ps.plan)->fdw_exprs, es);
}
