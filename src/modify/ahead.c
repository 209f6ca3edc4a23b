/*-------------------------------------------------------------------------
 *
 * modify/ahead.c
 *		INSERT and UPDATE of rows that are wanted back, by few requests.
 *
 * The executor wants each row back before it computes the next one.  So the
 * plan below it is made to run ahead: what it returns to the executor is
 * taken from a store of rows, and when the first of these is to be written,
 * all are.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "executor/executor.h"
#include "executor/nodeModifyTable.h"
#include "utils/memutils.h"

#include "compat/compat.h"
#include "modify/ahead.h"
#include "modify/change.h"
#include "modify/insert_shape.h"
#include "modify/now.h"

/* How many rows the plan runs ahead. */
#define AHEAD_ROWS	1000

struct NeonAhead
{
	struct NeonAhead *next;		/* in the list of all */
	MemoryContextCallback cleanup;
	NeonModify *modify;
	PlanState  *node;			/* the node that runs ahead */
	ExecProcNodeMtd run;		/* its own function */
	bool		exhausted;		/* the node has no more rows */
	TupleTableSlot **rows;		/* the store: rows of the plan */
	TupleTableSlot **results;	/* what has become of them on the remote */
	int			nmade;			/* slots made so far, of both kinds */
	int			nrows;			/* rows in the store */
	int			returned;		/* rows that the executor has fetched */
	int			asked;			/* rows that the executor has had written */
	int			run_end;		/* the rows before this one have been sent,
								 * unless the last run goes one by one */
	bool		one_by_one;		/* it does */
};

/* A plan node has no room for our state, which is found in this list. */
static NeonAhead *aheads = NULL;

static void
forget_ahead(void *arg)
{
	for (NeonAhead **p = &aheads; *p != NULL; p = &(*p)->next)
	{
		if (*p == arg)
		{
			*p = (*p)->next;
			return;
		}
	}
}

static NeonAhead *
find_ahead(PlanState *node)
{
	NeonAhead  *ahead = aheads;

	while (ahead != NULL && ahead->node != node)
		ahead = ahead->next;
	if (ahead == NULL)
		elog(ERROR, "plan node does not run ahead");
	return ahead;
}

/*
 * Runs the node by its own function.  The first call may put another function
 * in its place.
 */
static TupleTableSlot *
run_node(NeonAhead *ahead)
{
	PlanState  *node = ahead->node;
	ExecProcNodeMtd ours = node->ExecProcNode;
	TupleTableSlot *slot;

	node->ExecProcNode = ahead->run;
	slot = node->ExecProcNode(node);
	ahead->run = node->ExecProcNode;
	node->ExecProcNode = ours;
	return slot;
}

/*
 * Makes one more slot for a row and one for its result.  A row has the kind of
 * slot that the node returns: expressions rely on that.
 */
static void
make_slots(NeonAhead *ahead, TupleTableSlot *slot)
{
	MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(ahead));
	TupleDesc	row = CreateTupleDescCopy(slot->tts_tupleDescriptor);
	TupleDesc	result = CreateTupleDescCopy(RelationGetDescr(ahead->modify->rel));

	ahead->rows[ahead->nmade] = MakeSingleTupleTableSlot(row, slot->tts_ops);
	ahead->results[ahead->nmade] = MakeSingleTupleTableSlot(result,
															&TTSOpsVirtual);
	ahead->nmade++;
	MemoryContextSwitchTo(old);
}

static void
fill(NeonAhead *ahead)
{
	ahead->nrows = 0;
	ahead->returned = 0;
	ahead->asked = 0;
	ahead->run_end = 0;
	while (!ahead->exhausted && ahead->nrows < AHEAD_ROWS)
	{
		TupleTableSlot *slot = run_node(ahead);
		TupleTableSlot *row;

		if (TupIsNull(slot))
		{
			ahead->exhausted = true;
			break;
		}
		if (ahead->nrows == ahead->nmade)
			make_slots(ahead, slot);
		row = ahead->rows[ahead->nrows++];
		ExecCopySlot(row, slot);
		ExecMaterializeSlot(row);	/* no pins on buffers */
		slot_getallattrs(row);
	}
}

/* Is called in the place of the node's function. */
static TupleTableSlot *
next_row(PlanState *node)
{
	NeonAhead  *ahead = find_ahead(node);

	if (ahead->returned == ahead->nrows)
		fill(ahead);
	return ahead->returned < ahead->nrows ?
		ahead->rows[ahead->returned++] : NULL;
}

/*
 * Not if a trigger is to see a row before it is written.  Of rows that are
 * inserted without RETURNING the executor gathers some by itself; rows that
 * are changed must all be of one table.
 */
static bool
may_run_ahead(NeonModify *modify, ModifyTableState *mtstate,
			  ResultRelInfo *result)
{
	ModifyTable *plan = (ModifyTable *) mtstate->ps.plan;
	TriggerDesc *triggers = result->ri_TrigDesc;

	if (!modify->hands_back || modify->autocommit)
		return false;
	if (modify->operation == CMD_INSERT)
		return plan->returningLists != NIL && !modify->sql.do_nothing &&
			!(triggers != NULL && triggers->trig_insert_before_row);
	return modify->operation == CMD_UPDATE && mtstate->mt_nrels == 1 &&
		!modify->compares && !modify->checks_partition;
}

NeonAhead *
neon_ahead_begin(NeonModify *modify, ModifyTableState *mtstate,
				 ResultRelInfo *result)
{
	MemoryContext context = CurrentMemoryContext;
	NeonAhead  *ahead;

	if (!may_run_ahead(modify, mtstate, result))
		return NULL;
	ahead = palloc0(sizeof(NeonAhead));
	ahead->modify = modify;
	ahead->node = outerPlanState(mtstate);
	ahead->run = ahead->node->ExecProcNode;
	ahead->rows = palloc0(sizeof(TupleTableSlot *) * AHEAD_ROWS);
	ahead->results = palloc0(sizeof(TupleTableSlot *) * AHEAD_ROWS);
	ahead->next = aheads;
	aheads = ahead;
	ahead->cleanup.func = forget_ahead;
	ahead->cleanup.arg = ahead;
	MemoryContextRegisterResetCallback(context, &ahead->cleanup);
	ahead->node->ExecProcNode = next_row;
	return ahead;
}

/*
 * Has those rows inserted that come next and send the same columns.  The
 * plan's columns are the table's, with junk behind them perhaps.
 */
static void
insert_run(NeonAhead *ahead)
{
	NeonModify *modify = ahead->modify;
	int			first = ahead->asked;
	int			last = first + 1;
	List	   *shape = neon_insert_planned_shape(modify, ahead->rows[first]);

	while (last < ahead->nrows &&
		   equal(shape, neon_insert_planned_shape(modify, ahead->rows[last])))
		last++;
	MemoryContextReset(modify->row_context);
	ahead->one_by_one = last == first + 1 ||
		neon_modify_insert_now(modify, shape, ahead->rows + first,
							   last - first, ahead->results + first,
							   true) < 0;
	ahead->run_end = last;
	list_free(shape);
}

bool
neon_ahead_insert(NeonAhead *ahead, TupleTableSlot *slot)
{
	if (ahead->asked == ahead->run_end)
		insert_run(ahead);
	if (!ahead->one_by_one)
		ExecCopySlot(slot, ahead->results[ahead->asked]);
	ahead->asked++;
	return !ahead->one_by_one;
}

/* ---------- UPDATE ---------- */

/* The new row of a row of the plan, as the executor will make it. */
static TupleTableSlot *
new_row(NeonModify *modify, ResultRelInfo *result, TupleTableSlot *plan_slot)
{
	HeapTupleData old = {0};

	old.t_data = DatumGetHeapTupleHeader(neon_junk_value(plan_slot,
														 modify->wholerow));
	old.t_len = HeapTupleHeaderGetDatumLength(old.t_data);
	ItemPointerSetInvalid(&old.t_self);
	old.t_tableOid = RelationGetRelid(modify->rel);
	ExecForceStoreHeapTuple(&old, result->ri_oldTupleSlot, false);
	return ExecGetUpdateNewTuple(result, plan_slot, result->ri_oldTupleSlot);
}

/* Has all rows of the store changed, each once. */
static void
update_all(NeonAhead *ahead, ResultRelInfo *result)
{
	NeonModify *modify = ahead->modify;
	TupleTableSlot **changed;
	MemoryContext old;
	NeonRows	rows;

	MemoryContextReset(modify->row_context);
	old = MemoryContextSwitchTo(modify->row_context);
	changed = palloc(sizeof(TupleTableSlot *) * ahead->nrows);
	neon_rows_init(&rows, modify->shape,
				   neon_modify_identity_columns(&modify->sql));
	for (int i = 0; i < ahead->nrows; i++)
	{
		NeonRowPlace place;

		ExecClearTuple(ahead->results[i]);
		if (!neon_is_first_change(modify, ahead->rows[i], &place))
			continue;
		changed[rows.count] = ahead->results[i];
		neon_append_change(modify, &rows,
						   new_row(modify, result, ahead->rows[i]),
						   ahead->rows[i], &place);
	}
	if (rows.count > 0)
		neon_modify_update_now(modify, &rows, changed);
	MemoryContextSwitchTo(old);
	ahead->run_end = ahead->nrows;
	ahead->one_by_one = false;
}

bool
neon_ahead_update(NeonAhead *ahead, ResultRelInfo *result,
				  TupleTableSlot *slot, bool *changed)
{
	TupleTableSlot *row;

	if (ahead->asked == ahead->run_end)
		update_all(ahead, result);
	row = ahead->results[ahead->asked++];
	*changed = !TTS_EMPTY(row);
	if (*changed)
		ExecCopySlot(slot, row);
	return true;
}
