/*-------------------------------------------------------------------------
 *
 * scan.c
 *		Execution of a foreign scan.
 *
 * Nothing is sent before the first row is wanted.  Rows go to the executor
 * as they arrive; a scan that ends early ends the transfer, and with it the
 * query on the remote.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "nodes/value.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "compat.h"
#include "plan.h"
#include "scan.h"

/*
 * As whom is the remote asked?  As the owner of the view through which the
 * table is read, if there is one, else as the current user.
 */
static UserMapping *
scan_user_mapping(ForeignScanState *node)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	Oid			userid = neon_scan_check_as_user(plan, node->ss.ps.state);

	return GetUserMapping(OidIsValid(userid) ? userid : GetUserId(),
						  plan->fs_server);
}

void
neon_scan_begin(NeonScanState *state, ScanState *node, UserMapping *user,
				List *exprs, const char *relname, List *targets)
{
	state->user = user;
	state->params = neon_params_init(exprs, (PlanState *) node);
	state->format = neon_row_format(node->ss_ScanTupleSlot->tts_tupleDescriptor,
									state->columns, relname, targets);
	state->row_context = AllocSetContextCreate(CurrentMemoryContext,
											   "neon_http_fdw row",
											   ALLOCSET_DEFAULT_SIZES);
	state->reader_context = AllocSetContextCreate(CurrentMemoryContext,
												  "neon_http_fdw reader",
												  ALLOCSET_DEFAULT_SIZES);
}

static void
start_reading(NeonScanState *state, ExprContext *econtext)
{
	MemoryContext oldcontext;
	NeonQuery	query;

	query.sql = state->sql;
	query.nparams = neon_params_count(state->params);
	query.params = neon_params_eval(state->params, econtext);
	query.ncolumns = state->ncolumns;

	oldcontext = MemoryContextSwitchTo(state->reader_context);
	state->reader = neon_remote_read(neon_connection_get(state->user),
									 &query, 1, &state->stats);
	MemoryContextSwitchTo(oldcontext);
	state->done = false;
}

TupleTableSlot *
neon_scan_next(NeonScanState *state, ScanState *node)
{
	TupleTableSlot *slot = node->ss_ScanTupleSlot;
	MemoryContext oldcontext;
	const NeonRow *row = NULL;

	if (state->reader == NULL)
		start_reading(state, node->ps.ps_ExprContext);
	if (!state->done)
		row = neon_remote_next_row(state->reader);
	if (row == NULL)
	{
		state->done = true;
		return ExecClearTuple(slot);
	}

	/* The slot still points into the context that is reset here. */
	ExecClearTuple(slot);
	MemoryContextReset(state->row_context);
	oldcontext = MemoryContextSwitchTo(state->row_context);
	neon_row_store(state->format, row, slot);
	MemoryContextSwitchTo(oldcontext);
	return slot;
}

void
neon_scan_end(NeonScanState *state)
{
	if (state->reader == NULL)
		return;
	neon_remote_close(state->reader);
	state->reader = NULL;
}

void
neon_scan_restart(NeonScanState *state)
{
	/* What was not asked yet need not be asked again. */
	neon_scan_end(state);
	state->done = false;
}

void
neonBeginForeignScan(ForeignScanState *node, int eflags)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	NeonScanState *state = palloc0(sizeof(NeonScanState));

	node->fdw_state = state;
	state->sql = strVal(list_nth(plan->fdw_private, NEON_SCAN_SQL));
	state->columns = list_nth(plan->fdw_private, NEON_SCAN_COLUMNS);
	/* a null stands for no column at all */
	state->ncolumns = Max(list_length(state->columns), 1);
	if (eflags & EXEC_FLAG_EXPLAIN_ONLY)
		return;
	neon_scan_begin(state, &node->ss, scan_user_mapping(node),
					plan->fdw_exprs,
					RelationGetRelationName(node->ss.ss_currentRelation), NIL);
}

TupleTableSlot *
neonIterateForeignScan(ForeignScanState *node)
{
	return neon_scan_next(node->fdw_state, &node->ss);
}

void
neonReScanForeignScan(ForeignScanState *node)
{
	neon_scan_restart(node->fdw_state);
}

void
neonEndForeignScan(ForeignScanState *node)
{
	if (node->fdw_state != NULL)
		neon_scan_end(node->fdw_state);
}
