/*-------------------------------------------------------------------------
 *
 * modify/ahead.c
 *		INSERT and UPDATE of rows that are wanted back, by few requests.
 *
 * The executor wants each row back before it computes the next one.  So the
 * plan below it is made to run ahead: what it returns to the executor is
 * taken from a store of rows.  When one of these is to be written, so are
 * those behind it, as far as they belong to the same table.
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

/* The rows of a plan node that runs ahead, whatever tables they are for. */
typedef struct AheadStore
{
	struct AheadStore *next;	/* in the list of all */
	MemoryContextCallback cleanup;
	PlanState  *node;			/* the node that runs ahead */
	ExecProcNodeMtd run;		/* its own function */
	bool		exhausted;		/* the node has no more rows */
	TupleTableSlot **rows;
	int			nmade;			/* slots made so far */
	int			nrows;			/* rows in the store */
	int			returned;		/* rows that the executor has fetched */
	uint64		filled;			/* how many times it has been filled */
} AheadStore;

/* One of the tables that the rows are written to. */
struct NeonAhead
{
	AheadStore *store;
	NeonModify *modify;
	AttrNumber	tableoid;		/* column of a row that tells its table;
								 * invalid if there is but one */
	TupleTableSlot **results;	/* what has become of rows on the remote, NULL
								 * where that was never wanted */

	/* The rows that were sent last, when the store was filled for that time. */
	uint64		filled;
	int			run_start;
	int			run_end;		/* behind the last of them */
	bool		one_by_one;		/* they were not sent, but go one by one */
};

/* A plan node has no room for our state, which is found in this list. */
static AheadStore *stores = NULL;

static void
forget_store(void *arg)
{
	for (AheadStore **p = &stores; *p != NULL; p = &(*p)->next)
	{
		if (*p == arg)
		{
			*p = (*p)->next;
			return;
		}
	}
}

static AheadStore *
find_store(PlanState *node)
{
	AheadStore *store = stores;

	while (store != NULL && store->node != node)
		store = store->next;
	return store;
}

/*
 * Runs the node by its own function.  The first call may put another function
 * in its place.
 */
static TupleTableSlot *
run_node(AheadStore *store)
{
	PlanState  *node = store->node;
	ExecProcNodeMtd ours = node->ExecProcNode;
	TupleTableSlot *slot;

	node->ExecProcNode = store->run;
	slot = node->ExecProcNode(node);
	store->run = node->ExecProcNode;
	node->ExecProcNode = ours;
	return slot;
}

/* The kind of slot is that of the node's: expressions rely on it. */
static void
make_slot(AheadStore *store, TupleTableSlot *slot)
{
	MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(store));
	TupleDesc	desc = CreateTupleDescCopy(slot->tts_tupleDescriptor);

	store->rows[store->nmade++] = MakeSingleTupleTableSlot(desc, slot->tts_ops);
	MemoryContextSwitchTo(old);
}

static void
fill(AheadStore *store)
{
	store->nrows = 0;
	store->returned = 0;
	store->filled++;
	while (!store->exhausted && store->nrows < AHEAD_ROWS)
	{
		TupleTableSlot *slot = run_node(store);
		TupleTableSlot *row;

		if (TupIsNull(slot))
		{
			store->exhausted = true;
			break;
		}
		if (store->nrows == store->nmade)
			make_slot(store, slot);
		row = store->rows[store->nrows++];
		ExecCopySlot(row, slot);
		ExecMaterializeSlot(row);	/* no pins on buffers */
		slot_getallattrs(row);
	}
}

/*
 * The next row of the plan, from the store; is called in the place of the
 * node's own function.
 */
static TupleTableSlot *
next_row(PlanState *node)
{
	AheadStore *store = find_store(node);

	if (store == NULL)
		elog(ERROR, "plan node does not run ahead");
	if (store->returned == store->nrows)
		fill(store);
	return store->returned < store->nrows ?
		store->rows[store->returned++] : NULL;
}

static AheadStore *
add_store(PlanState *node)
{
	AheadStore *store = palloc0(sizeof(AheadStore));

	store->node = node;
	store->run = node->ExecProcNode;
	store->rows = palloc0(sizeof(TupleTableSlot *) * AHEAD_ROWS);
	store->next = stores;
	stores = store;
	store->cleanup.func = forget_store;
	store->cleanup.arg = store;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &store->cleanup);
	node->ExecProcNode = next_row;
	return store;
}

/*
 * May the plan run ahead?  It must not if a trigger is to see each row before
 * the row is written.  It need not for rows that are inserted without
 * RETURNING: the executor gathers some of these by itself.
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
	return modify->operation == CMD_UPDATE && !modify->compares &&
		!modify->checks_partition;
}

NeonAhead *
neon_ahead_begin(NeonModify *modify, ModifyTableState *mtstate,
				 ResultRelInfo *result)
{
	PlanState  *node = outerPlanState(mtstate);
	NeonAhead  *ahead;

	if (!may_run_ahead(modify, mtstate, result))
		return NULL;
	ahead = palloc0(sizeof(NeonAhead));
	ahead->modify = modify;
	ahead->store = find_store(node);
	if (ahead->store == NULL)
		ahead->store = add_store(node);
	ahead->results = palloc0(sizeof(TupleTableSlot *) * AHEAD_ROWS);
	if (mtstate->mt_nrels > 1)
		ahead->tableoid = ExecFindJunkAttributeInTlist(node->plan->targetlist,
													   "tableoid");
	return ahead;
}

/* The number in the store of the row that the executor has fetched last. */
static int
current_row(NeonAhead *ahead)
{
	return ahead->store->returned - 1;
}

/*
 * Is the row that the executor has fetched last in the run that was sent last?
 * Then it is known what has become of it, or it goes by itself.
 */
static bool
is_in_run(NeonAhead *ahead)
{
	return ahead->filled == ahead->store->filled &&
		current_row(ahead) >= ahead->run_start &&
		current_row(ahead) < ahead->run_end;
}

/*
 * Begins a run of rows with the row that the executor has fetched last;
 * returns that row's number.
 */
static int
begin_run(NeonAhead *ahead)
{
	ahead->filled = ahead->store->filled;
	ahead->run_start = current_row(ahead);
	ahead->run_end = ahead->run_start;
	MemoryContextReset(ahead->modify->row_context);
	return ahead->run_start;
}

/* Does a row of the store belong to this table? */
static bool
is_ours(NeonAhead *ahead, int n)
{
	bool		isnull;

	return ahead->tableoid == InvalidAttrNumber ||
		DatumGetObjectId(slot_getattr(ahead->store->rows[n], ahead->tableoid,
									  &isnull)) ==
		RelationGetRelid(ahead->modify->rel);
}

/* The slot for what becomes of a row, empty. */
static TupleTableSlot *
result_slot(NeonAhead *ahead, int n)
{
	if (ahead->results[n] == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(ahead));
		TupleDesc	desc = RelationGetDescr(ahead->modify->rel);

		ahead->results[n] = MakeSingleTupleTableSlot(CreateTupleDescCopy(desc),
													 &TTSOpsVirtual);
		MemoryContextSwitchTo(old);
	}
	return ExecClearTuple(ahead->results[n]);
}

/* ---------- INSERT ---------- */

/*
 * Inserts the run of rows that come next and send the same columns.  The
 * plan's columns are the table's, with junk behind them perhaps.
 */
static void
insert_run(NeonAhead *ahead)
{
	NeonModify *modify = ahead->modify;
	TupleTableSlot **rows = ahead->store->rows;
	int			first = begin_run(ahead);
	int			last = first;
	List	   *shape = neon_insert_planned_shape(modify, rows[first]);

	while (last < ahead->store->nrows &&
		   equal(shape, neon_insert_planned_shape(modify, rows[last])))
		(void) result_slot(ahead, last++);
	ahead->one_by_one = last == first + 1 ||
		neon_modify_insert_now(modify, shape, rows + first, last - first,
							   ahead->results + first, true) < 0;
	ahead->run_end = last;
	list_free(shape);
}

bool
neon_ahead_insert(NeonAhead *ahead, TupleTableSlot *slot)
{
	if (!is_in_run(ahead))
		insert_run(ahead);
	if (!ahead->one_by_one)
		ExecCopySlot(slot, ahead->results[current_row(ahead)]);
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

/* Has the rows changed that come next and are of this table, each once. */
static void
update_run(NeonAhead *ahead, ResultRelInfo *result)
{
	NeonModify *modify = ahead->modify;
	TupleTableSlot **rows = ahead->store->rows;
	TupleTableSlot **changed;
	NeonRows	changes;
	int			n = begin_run(ahead);
	MemoryContext old = MemoryContextSwitchTo(modify->row_context);

	changed = palloc(sizeof(TupleTableSlot *) * (ahead->store->nrows - n));
	neon_rows_init(&changes, modify->shape,
				   neon_modify_identity_columns(&modify->sql));
	for (; n < ahead->store->nrows && is_ours(ahead, n); n++)
	{
		TupleTableSlot *slot = result_slot(ahead, n);
		NeonRowPlace place;

		if (!neon_is_first_change(modify, rows[n], &place))
			continue;
		changed[changes.count] = slot;
		neon_append_change(modify, &changes, new_row(modify, result, rows[n]),
						   rows[n], &place);
	}
	if (changes.count > 0)
		neon_modify_update_now(modify, &changes, changed);
	MemoryContextSwitchTo(old);
	ahead->run_end = n;
}

bool
neon_ahead_update(NeonAhead *ahead, ResultRelInfo *result,
				  TupleTableSlot *slot)
{
	TupleTableSlot *row;

	if (!is_in_run(ahead))
		update_run(ahead, result);
	row = ahead->results[current_row(ahead)];
	if (TTS_EMPTY(row))
		return false;
	ExecCopySlot(slot, row);
	return true;
}
