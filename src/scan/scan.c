/*-------------------------------------------------------------------------
 *
 * scan/scan.c
 *		Execution of a foreign scan.
 *
 * Nothing is sent before the first row is wanted, of this scan or of another
 * one of the statement that takes it along (see scan/together.h).  Rows go to
 * the executor as they arrive; a scan that ends early ends the transfer, and
 * with it the query on the remote.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "foreign/foreign.h"
#include "nodes/value.h"
#include "option/option.h"
#include "option/table_cache.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapshot.h"

#include "compat/compat.h"
#include "http/clock.h"
#include "plan/scan_items.h"
#include "scan/scan.h"
#include "scan/start.h"
#include "scan/together.h"

/*
 * The user mapping of the view's owner if the table is read through a view,
 * else that of the current user.
 */
static UserMapping *
scan_user_mapping(ForeignScanState *node)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	Oid			userid = linitial_oid(list_nth(plan->fdw_private,
											   NEON_SCAN_USER));

	return neon_user_mapping(userid, plan->fs_server);
}

void
neon_scan_begin(NeonScanState *state, ScanState *node, UserMapping *user,
				List *exprs, const char *relname, List *targets)
{
	Relation	rel = node->ss_currentRelation;

	/*
	 * Also of what is not divided, but kept on the remote.  A statement above
	 * a table has the options of the server.
	 */
	state->division.fetch_ahead = rel == NULL ? -1 :
		neon_table(RelationGetRelid(rel))->options->fetch_ahead;
	state->exprs = exprs;
	state->user = user;
	state->cid = node->ps.state->es_snapshot->curcid;
	state->params = neon_params_init(exprs, (PlanState *) node);
	state->format = neon_row_format(node->ss_ScanTupleSlot->tts_tupleDescriptor,
									state->columns, relname, targets);
	state->row_context = AllocSetContextCreate(CurrentMemoryContext,
											   "neon_http_fdw row",
											   ALLOCSET_DEFAULT_SIZES);
	state->rows_context = AllocSetContextCreate(CurrentMemoryContext,
												"neon_http_fdw rows",
												ALLOCSET_SMALL_SIZES);
}

/*
 * Are values of a type made without a function that may read something itself?
 * The constraints of a domain may call one.
 */
static bool
is_plain_type(Oid type)
{
	Oid			element = get_element_type(type);
	char		kind = get_typtype(OidIsValid(element) ? element : type);

	return kind == TYPTYPE_BASE || kind == TYPTYPE_ENUM;
}

/* Do the rows become the statement's result as they are? */
static bool
is_whole_plan(const ScanState *node)
{
	PlannedStmt *stmt = node->ps.state->es_plannedstmt;
	ListCell   *lc;

	if (stmt->planTree != node->ps.plan || stmt->subplans != NIL ||
		node->ps.plan->qual != NIL)
		return false;
	foreach(lc, node->ps.plan->targetlist)
	{
		Var		   *var = (Var *) lfirst_node(TargetEntry, lc)->expr;

		if (!IsA(var, Var) || !is_plain_type(var->vartype))
			return false;
	}
	return true;
}

static void
start_reading(NeonScanState *state, ScanState *node)
{
	neon_scan_fill_query(state, node->ps.ps_ExprContext);
	state->query.alone = neon_transaction_checks_reads(state->user) &&
		is_whole_plan(node) && neon_transaction_reads_once(node->ps.state);
	state->part = neon_together_send(node->ps.state, node->ps.plan,
									 state->user, state->cid, &state->query,
									 &state->stats);
	if (state->part == NULL)
		neon_scan_send_alone(state);
	state->done = false;
}

/* If the reply to several scans does not work, this one goes alone. */
static void
leave_part(NeonScanState *state)
{
	if (state->part == NULL || neon_part_works(state->part))
		return;
	state->part = NULL;
	neon_scan_send_alone(state);
}

bool
neon_scan_ready(NeonScanState *state, int64 *deadline)
{
	if (state->done)
		return true;
	if (state->part == NULL && state->rows == NULL)
		return neon_scan_may_send(state, 0);
	if (state->part != NULL)
	{
		if (!neon_part_ready(state->part, deadline))
			return false;
		leave_part(state);
		if (state->part != NULL)
			return neon_part_ready(state->part, deadline);
	}
	return neon_pieces_ready(state->rows, deadline);
}

bool
neon_scan_is_behind(const NeonScanState *state)
{
	if (state->part != NULL)
		return neon_part_is_behind(state->part);
	return state->rows == NULL && !state->done;
}

/* Is a scan that must not wait to return no row now? */
static bool
is_not_ready(NeonScanState *state)
{
	int64		deadline = NEON_NO_DEADLINE;

	return state->polls && !state->waits && !neon_scan_ready(state, &deadline);
}

static const NeonRow *
read_row(NeonScanState *state)
{
	leave_part(state);
	if (state->part == NULL)
		return neon_pieces_next_row(state->rows);
	state->part_begun = true;
	return neon_part_next_row(state->part);
}

/* The slot still points into the context that is reset here. */
static void
store_row(NeonScanState *state, const NeonRow *row, TupleTableSlot *slot)
{
	MemoryContext old;

	ExecClearTuple(slot);
	MemoryContextReset(state->row_context);
	old = MemoryContextSwitchTo(state->row_context);
	neon_row_store(state->format, row, slot);
	MemoryContextSwitchTo(old);
}

/*
 * Reads all rows and sorts them, if they were to come in order and the reply
 * was too large for that.
 */
static void
sort_if_needed(NeonScanState *state, TupleTableSlot *slot)
{
	MemoryContext old;
	const NeonRow *row;

	if (state->order == NIL || state->sort != NULL || state->done)
		return;
	leave_part(state);
	if (state->part != NULL || neon_pieces_in_order(state->rows))
		return;
	old = MemoryContextSwitchTo(state->rows_context);
	state->sort = neon_local_sort_begin(slot->tts_tupleDescriptor,
										state->order);
	MemoryContextSwitchTo(old);
	while ((row = neon_pieces_next_row(state->rows)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		store_row(state, row, slot);
		neon_local_sort_put(state->sort, slot);
		state->sorted++;
	}
}

TupleTableSlot *
neon_scan_next(NeonScanState *state, ScanState *node)
{
	TupleTableSlot *slot = node->ss_ScanTupleSlot;
	const NeonRow *row = NULL;

	if (is_not_ready(state))
		return ExecClearTuple(slot);
	if (state->rows == NULL && state->part == NULL)
	{
		start_reading(state, node);
		if (is_not_ready(state))
			return ExecClearTuple(slot);
	}
	state->waits = false;
	sort_if_needed(state, slot);
	if (state->sort != NULL)
	{
		ExecClearTuple(slot);
		state->done = state->done || !neon_local_sort_next(state->sort, slot);
		return slot;
	}
	if (!state->done)
		row = read_row(state);
	if (row == NULL)
	{
		state->done = true;
		return ExecClearTuple(slot);
	}
	store_row(state, row, slot);
	return slot;
}

void
neon_scan_keep(NeonScanState *state, const NeonRow *row,
			   TupleTableSlot *slot, Tuplestorestate *rows)
{
	store_row(state, row, slot);
	tuplestore_puttupleslot(rows, slot);
	ExecClearTuple(slot);
}

void
neon_scan_end(NeonScanState *state)
{
	if (state->sort != NULL)
		neon_local_sort_end(state->sort);
	state->sort = NULL;
	if (state->part != NULL)
		neon_part_close(state->part);
	state->part = NULL;
	if (state->rows != NULL)
		neon_pieces_close(state->rows);
	state->rows = NULL;
}

void
neon_scan_restart(NeonScanState *state)
{
	state->done = false;
	state->waits = false;
	/* Rows of which none has been read are those of this run. */
	if (state->part != NULL && !state->part_begun)
		return;
	neon_scan_end(state);
}

/* Takes the items of NEON_SCAN_TABLE, NIL if the scan cannot be divided. */
static void
set_table(NeonScanState *state, List *table)
{
	NeonDivision *division = &state->division;

	if (table == NIL)
		return;
	division->table = strVal(list_nth(table, NEON_SCAN_TABLE_NAME));
	division->has_where = boolVal(list_nth(table, NEON_SCAN_TABLE_HAS_WHERE));
	if (list_length(table) <= NEON_SCAN_TABLE_UNSORTED)
		return;
	division->unsorted = strVal(list_nth(table, NEON_SCAN_TABLE_UNSORTED));
	state->order = list_nth(table, NEON_SCAN_TABLE_ORDER);
}

void
neonBeginForeignScan(ForeignScanState *node, int eflags)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	Relation	rel = node->ss.ss_currentRelation;
	NeonScanState *state = palloc0(sizeof(NeonScanState));

	node->fdw_state = state;
	state->sql = strVal(list_nth(plan->fdw_private, NEON_SCAN_SQL));
	state->columns = list_nth(plan->fdw_private, NEON_SCAN_COLUMNS);
	set_table(state, list_nth(plan->fdw_private, NEON_SCAN_TABLE));
	/* A statement without columns returns a null. */
	state->ncolumns = Max(list_length(state->columns), 1);
	state->expected = plan->scan.plan.plan_rows * plan->scan.plan.plan_width;
	if (eflags & EXEC_FLAG_EXPLAIN_ONLY)
		return;
	neon_scan_begin(state, &node->ss, scan_user_mapping(node),
					plan->fdw_exprs,
					rel != NULL ? RelationGetRelationName(rel) : NULL,
					plan->fdw_scan_tlist);
	state->locks = neon_lock_begin(node, state->user);
	neon_together_add(state, &node->ss);
}

TupleTableSlot *
neonIterateForeignScan(ForeignScanState *node)
{
	NeonScanState *state = node->fdw_state;
	TupleTableSlot *slot = neon_scan_next(state, &node->ss);

	if (state->locks != NULL && !TupIsNull(slot))
		neon_lock_remember(state->locks, slot);
	return slot;
}

void
neonReScanForeignScan(ForeignScanState *node)
{
	neon_scan_restart(node->fdw_state);
}

/*
 * Is a row still one of the result after another transaction has changed a row
 * that is locked (EvalPlanQual)?  PostgreSQL checks the conditions of a table.
 * The row of a join is formed again by the local plan of the join, from the
 * rows at hand.
 */
bool
neonRecheckForeignScan(ForeignScanState *node, TupleTableSlot *slot)
{
	TupleTableSlot *row;

	if (((Scan *) node->ss.ps.plan)->scanrelid > 0)
		return true;
	row = ExecProcNode(outerPlanState(node));
	if (TupIsNull(row))
		return false;
	ExecCopySlot(slot, row);
	return true;
}

void
neonEndForeignScan(ForeignScanState *node)
{
	if (node->fdw_state != NULL)
		neon_scan_end(node->fdw_state);
}
