/*-------------------------------------------------------------------------
 *
 * modify/ahead.c
 *		INSERT ... RETURNING of many rows by few requests.
 *
 * The executor wants each row back before it computes the next one.  So the
 * plan below it is made to run ahead: what it returns to the executor is
 * taken from a store of rows, and when the first of these is to be inserted,
 * all are.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "executor/executor.h"
#include "utils/memutils.h"

#include "compat/compat.h"
#include "modify/ahead.h"
#include "modify/insert_shape.h"
#include "modify/now.h"

/* Rows to be ahead. */
#define AHEAD_ROWS	1000

struct NeonAhead
{
	struct NeonAhead *next;		/* in the list of all */
	MemoryContextCallback cleanup;
	NeonModify *modify;
	PlanState  *node;			/* that runs ahead */
	ExecProcNodeMtd run;		/* what it really does */
	bool		exhausted;
	TupleTableSlot **rows;		/* of the plan */
	TupleTableSlot **results;	/* what became of them */
	int			nmade;			/* of these slots, so far */
	int			nrows;			/* in the store */
	int			returned;		/* of them, to the executor */
	int			inserted;		/* of them, asked for by it */
	int			run_end;		/* rows before this one have been sent, or go
								 * one by one */
	bool		one_by_one;		/* which of these is so */
};

/* A plan node has no place for us: this is how it is found again. */
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

/* The first call of a node may put another function in its place. */
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

/* Slots are of the kind that the node returns: expressions rely on it. */
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
	ahead->inserted = 0;
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

/* Stands in the place of the node's function. */
static TupleTableSlot *
next_row(PlanState *node)
{
	NeonAhead  *ahead = find_ahead(node);

	if (ahead->returned == ahead->nrows)
		fill(ahead);
	return ahead->returned < ahead->nrows ?
		ahead->rows[ahead->returned++] : NULL;
}

NeonAhead *
neon_ahead_begin(NeonModify *modify, ModifyTableState *mtstate,
				 ResultRelInfo *result)
{
	MemoryContext context = CurrentMemoryContext;
	NeonAhead  *ahead;

	/* without RETURNING the executor gathers rows by itself */
	if (((ModifyTable *) mtstate->ps.plan)->returningLists == NIL ||
		!modify->hands_back || modify->autocommit || modify->sql.do_nothing ||
		list_member_int(modify->returned, SelfItemPointerAttributeNumber) ||
		(result->ri_TrigDesc != NULL &&
		 result->ri_TrigDesc->trig_insert_before_row))
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
	int			first = ahead->inserted;
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
	if (ahead->inserted == ahead->run_end)
		insert_run(ahead);
	if (!ahead->one_by_one)
		ExecCopySlot(slot, ahead->results[ahead->inserted]);
	ahead->inserted++;
	return !ahead->one_by_one;
}
