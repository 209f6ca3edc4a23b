/*-------------------------------------------------------------------------
 *
 * statement/direct.c
 *		Execution of the change of one child as a whole statement.
 *
 * All of it is done when the first row is asked for.  If the local statement
 * does nothing else, and is a transaction of its own, it is committed by
 * that.  Otherwise it is rehearsed, together with other children of the same
 * server, and committed with the rest.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "executor/instrument.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "nodes/value.h"
#include "option/option.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

#include "compat/compat.h"
#include "scan/explain.h"
#include "scan/scan.h"
#include "scan/siblings.h"
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

	if (state->rows != NULL)
		neon_scan_keep(&state->scan, row, state->returned, state->rows);
}

/* Computes what is sent; allocates in the current memory context. */
static NeonWriteTask *
make_task(ForeignScanState *node)
{
	NeonDirectState *state = node->fdw_state;
	NeonWriteTask *task = palloc0_object(NeonWriteTask);

	task->plan = &state->plan;
	task->query.nparams = neon_params_count(state->scan.params);
	task->query.params = neon_params_eval(state->scan.params,
										  node->ss.ps.ps_ExprContext);
	task->cid = node->ss.ps.state->es_output_cid;
	task->user = state->scan.user;
	task->stats = &state->scan.stats;
	task->keep_row = keep_row;
	task->arg = state;
	neon_write_touch(&task->touch, task->plan, task->query.params);
	return task;
}

/* Takes a node's outcome down as the executor wants it. */
static void
finish(ForeignScanState *node, int64 nrows)
{
	NeonDirectState *state = node->fdw_state;

	if (state->sets_tag)
		node->ss.ps.state->es_processed += nrows;
	if (node->ss.ps.instrument != NULL && !state->plan.returns)
		node->ss.ps.instrument->tuplecount += nrows;
	state->executed = true;
}

static void
run_now(ForeignScanState *node)
{
	finish(node, neon_run_write(make_task(node)));
}

/* ---------- children that are rehearsed together ---------- */

/*
 * May the node be executed when another one is?  One with a parameter of the
 * execution may be left out by pruning.
 */
static bool
may_go_along(ForeignScanState *node, NeonDirectState *asking)
{
	NeonDirectState *state = node->fdw_state;

	return !state->executed &&
		state->scan.user->umid == asking->scan.user->umid &&
		!neon_depends_on_siblings(state->scan.exprs);
}

/* Rehearses the node, and with it others of the statement. */
static void
run_later(ForeignScanState *node)
{
	NeonDirectState *asking = node->fdw_state;
	List	   *nodes = list_make1(node);
	List	   *tasks = list_make1(make_task(node));
	Size		size = neon_rehearsal_size(linitial(tasks));
	int64	   *nrows;
	ListCell   *lc;

	foreach(lc, neon_siblings(node->ss.ps.state, NEON_SIBLING_CHANGE))
	{
		ForeignScanState *other = lfirst(lc);
		NeonWriteTask *task;

		if (other == node || !may_go_along(other, asking))
			continue;
		task = make_task(other);
		size += neon_rehearsal_size(task);
		if (size > NEON_TOGETHER_BYTES)
			break;
		nodes = lappend(nodes, other);
		tasks = lappend(tasks, task);
	}
	nrows = palloc_array(int64, list_length(tasks));
	neon_rehearse_together(tasks, nrows);
	foreach(lc, nodes)
		finish(lfirst(lc), nrows[foreach_current_index(lc)]);
}

/* ---------- execution ---------- */

static void
execute(ForeignScanState *node)
{
	NeonDirectState *state = node->fdw_state;
	MemoryContext context =
		AllocSetContextCreate(node->ss.ps.state->es_query_cxt,
							  "neon statement", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);

	if (neon_transaction_autocommit(state->scan.user) ||
		(state->alone && !neon_returned_may_fail(&state->plan) &&
		 neon_transaction_commits_now(state->scan.user, node->ss.ps.state)))
		run_now(node);
	else
		run_later(node);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
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
		execute(node);
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
	if (state->plan.returns)
		state->rows = tuplestore_begin_heap(false, false, work_mem);
	neon_sibling_add(estate, NEON_SIBLING_CHANGE, node);
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
