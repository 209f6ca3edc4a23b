/*-------------------------------------------------------------------------
 *
 * modify/modify.c
 *		Execution of writes that go row by row.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "commands/explain.h"
#include "executor/executor.h"

#include "modify/ahead.h"
#include "modify/begin.h"
#include "modify/change.h"
#include "modify/insert_shape.h"
#include "modify/modify.h"
#include "modify/now.h"
#include "modify/send.h"
#include "remote/array_text.h"
#include "scan/explain.h"

/* Rows that the executor gathers where it wants the rows back. */
#define BATCH_ROWS	5000

void
neonBeginForeignModify(ModifyTableState *mtstate, ResultRelInfo *result,
					   List *private, int subplan_index, int eflags)
{
	EState	   *estate = mtstate->ps.state;
	NeonModify *modify;

	if (eflags & EXEC_FLAG_EXPLAIN_ONLY)
		return;
	modify = neon_modify_begin(estate, result, mtstate->operation, private,
							   false);
	neon_modify_start(modify, estate, result);
	if (mtstate->operation != CMD_INSERT)
		neon_modify_find_rows(modify, outerPlanState(mtstate)->plan);
	else
		neon_insert_find_defaults(modify, result,
								  outerPlanState(mtstate)->plan);
	modify->ahead = neon_ahead_begin(modify, mtstate, result);
	result->ri_FdwState = modify;
}

void
neonEndForeignModify(EState *estate, ResultRelInfo *result)
{
	if (result->ri_FdwState != NULL)
		neon_modify_finish(result->ri_FdwState);
}

/* ---------- INSERT ---------- */

/* Must the remote be asked at once what becomes of the rows? */
static bool
needs_outcome(NeonModify *modify)
{
	return modify->hands_back || modify->sql.do_nothing;
}

TupleTableSlot *
neonExecForeignInsert(EState *estate, ResultRelInfo *result,
					  TupleTableSlot *slot, TupleTableSlot *plan_slot)
{
	NeonModify *modify = result->ri_FdwState;
	List	   *shape;
	NeonWrites *writes;

	if (modify->ahead != NULL && neon_ahead_insert(modify->ahead, slot))
		return slot;
	shape = neon_insert_shape(modify, slot, plan_slot);
	if (needs_outcome(modify))
	{
		MemoryContextReset(modify->row_context);
		return neon_modify_insert_now(modify, shape, &slot, 1, &slot,
									  false) > 0 ? slot : NULL;
	}
	writes = neon_modify_writes(modify, shape);
	neon_row_print_begin(modify->printer);
	neon_rows_append_slot(&writes->rows, modify->printer, slot);
	neon_row_print_end(modify->printer);
	writes->rows.count++;
	neon_modify_gathered(modify);
	list_free(shape);
	return slot;
}

/* Rows with the same columns are inserted together. */
TupleTableSlot **
neonExecForeignBatchInsert(EState *estate, ResultRelInfo *result,
						   TupleTableSlot **slots, TupleTableSlot **plan_slots,
						   int *nslots)
{
	NeonModify *modify = result->ri_FdwState;
	int			done = 0;
	int			first = 0;

	MemoryContextReset(modify->row_context);
	while (first < *nslots)
	{
		List	   *shape = neon_insert_shape(modify, slots[first],
											  plan_slots[first]);
		int			last = first + 1;

		while (last < *nslots &&
			   equal(shape, neon_insert_shape(modify, slots[last],
											  plan_slots[last])))
			last++;
		done += neon_modify_insert_now(modify, shape, slots + first,
									   last - first, slots + done, false);
		first = last;
	}
	*nslots = done;
	return slots;
}

/*
 * The executor need gather rows only if the remote must be asked what becomes
 * of them.  Other rows are gathered in text, by neon_modify_writes(), which
 * takes less memory.
 */
int
neonGetForeignModifyBatchSize(ResultRelInfo *result)
{
	NeonModify *modify = result->ri_FdwState;

	if (modify == NULL || modify->operation != CMD_INSERT ||
		!needs_outcome(modify) || result->ri_projectReturning != NULL ||
		(result->ri_TrigDesc != NULL &&
		 result->ri_TrigDesc->trig_insert_before_row))
		return 1;
	return BATCH_ROWS;
}

/* ---------- UPDATE and DELETE ---------- */

/* Has one row changed; slot gets what has become of it. */
static void
update_now(NeonModify *modify, List *shape, TupleTableSlot *slot,
		   TupleTableSlot *plan_slot, const NeonRowPlace *place)
{
	NeonRows	row;
	MemoryContext old;

	MemoryContextReset(modify->row_context);
	old = MemoryContextSwitchTo(modify->row_context);
	neon_rows_init(&row, shape, neon_modify_identity_columns(&modify->sql));
	neon_append_change(modify, &row, slot, plan_slot, place);
	neon_modify_update_now(modify, &row, &slot);
	MemoryContextSwitchTo(old);
}

TupleTableSlot *
neonExecForeignUpdate(EState *estate, ResultRelInfo *result,
					  TupleTableSlot *slot, TupleTableSlot *plan_slot)
{
	NeonModify *modify = result->ri_FdwState;
	NeonRowPlace place;
	List	   *shape;

	if (modify->ahead != NULL)
		return neon_ahead_update(modify->ahead, result, slot) ? slot : NULL;
	if (!neon_is_first_change(modify, plan_slot, &place))
		return NULL;
	if (modify->checks_partition)
		neon_check_partition(estate, result, slot);
	shape = neon_update_shape(modify, slot, plan_slot);
	if (modify->hands_back)
	{
		update_now(modify, shape, slot, plan_slot, &place);
		return slot;
	}
	neon_append_change(modify, &neon_modify_writes(modify, shape)->rows,
					   slot, plan_slot, &place);
	return slot;
}

/*
 * What a DELETE returns is the row that was read: no other version of it is
 * deleted.
 */
static void
store_old_row(NeonModify *modify, TupleTableSlot *slot,
			  TupleTableSlot *plan_slot)
{
	HeapTupleHeader header;
	HeapTupleData tuple = {0};

	header = DatumGetHeapTupleHeader(neon_junk_value(plan_slot, modify->wholerow));
	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	tuple.t_data = header;
	tuple.t_tableOid = RelationGetRelid(modify->rel);
	tuple.t_self = *(ItemPointer) DatumGetPointer(neon_junk_value(plan_slot,
																  modify->ctid));
	ExecForceStoreHeapTuple(&tuple, slot, false);
	slot->tts_tid = tuple.t_self;
	ExecMaterializeSlot(slot);
}

TupleTableSlot *
neonExecForeignDelete(EState *estate, ResultRelInfo *result,
					  TupleTableSlot *slot, TupleTableSlot *plan_slot)
{
	NeonModify *modify = result->ri_FdwState;
	NeonRows   *rows;
	NeonRowPlace place;

	if (!neon_is_first_change(modify, plan_slot, &place))
		return NULL;
	rows = &neon_modify_writes(modify, NIL)->rows;
	neon_row_print_begin(modify->printer);
	neon_append_identity(modify, rows, plan_slot, &place);
	neon_row_print_end(modify->printer);
	rows->count++;
	if (modify->returned != NIL)
		store_old_row(modify, slot, plan_slot);
	return slot;
}

/* ---------- EXPLAIN ---------- */

void
neonExplainForeignModify(ModifyTableState *mtstate, ResultRelInfo *result,
						 List *private, int subplan_index,
						 struct ExplainState *es)
{
	NeonModify *modify = result->ri_FdwState;
	List	   *shape = NIL;
	char	   *sql;

	/* the last rows are sent now rather than when the plan is put away */
	if (es->analyze && modify != NULL)
	{
		neon_modify_finish(modify);
		neon_explain_stats(&modify->stats, es);
	}
	if (!es->verbose)
		return;
	modify = neon_modify_begin(mtstate->ps.state, result, mtstate->operation,
							   private, false);
	for (int i = 1; modify->required != NULL && i <= modify->sql.natts; i++)
	{
		if (modify->required[i - 1])
			shape = lappend_int(shape, i);
	}
	if (modify->operation == CMD_INSERT)
		sql = neon_modify_insert_sql(&modify->sql, shape, NULL);
	else
		sql = neon_modify_change_sql(&modify->sql, modify->shape, "1",
									 false);
	ExplainPropertyText("Remote SQL", sql, es);
}
