/*-------------------------------------------------------------------------
 *
 * scan/local_sort.c
 *		Rows that the remote cannot give in order, sorted here.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/tuplesort.h"

#include "compat/compat.h"
#include "plan/scan_items.h"
#include "scan/local_sort.h"

struct NeonLocalSort
{
	Tuplesortstate *rows;
	bool		sorted;
	TupleTableSlot *slot;		/* of sorted rows */
};

NeonLocalSort *
neon_local_sort_begin(TupleDesc desc, List *order)
{
	NeonLocalSort *sort = palloc0_object(NeonLocalSort);
	int			n = list_length(order);
	AttrNumber *columns = palloc_array(AttrNumber, n);
	Oid		   *operators = palloc_array(Oid, n);
	Oid		   *collations = palloc_array(Oid, n);
	bool	   *nulls_first = palloc_array(bool, n);
	ListCell   *lc;

	foreach(lc, order)
	{
		int			i = foreach_current_index(lc);
		List	   *key = lfirst(lc);

		columns[i] = list_nth_oid(key, NEON_SCAN_KEY_COLUMN);
		operators[i] = list_nth_oid(key, NEON_SCAN_KEY_OPERATOR);
		collations[i] = list_nth_oid(key, NEON_SCAN_KEY_COLLATION);
		nulls_first[i] = list_nth_oid(key, NEON_SCAN_KEY_NULLS_FIRST) != 0;
	}
	sort->rows = tuplesort_begin_heap(desc, n, columns, operators, collations,
									  nulls_first, work_mem, NULL,
									  TUPLESORT_NONE);
	pfree(columns);
	pfree(operators);
	pfree(collations);
	pfree(nulls_first);
	sort->slot = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
	return sort;
}

void
neon_local_sort_put(NeonLocalSort *sort, TupleTableSlot *slot)
{
	tuplesort_puttupleslot(sort->rows, slot);
}

bool
neon_local_sort_next(NeonLocalSort *sort, TupleTableSlot *slot)
{
	int			natts = slot->tts_tupleDescriptor->natts;

	if (!sort->sorted)
		tuplesort_performsort(sort->rows);
	sort->sorted = true;
	if (!tuplesort_gettupleslot(sort->rows, true, false, sort->slot, NULL))
		return false;
	slot_getallattrs(sort->slot);
	memcpy(slot->tts_values, sort->slot->tts_values, natts * sizeof(Datum));
	memcpy(slot->tts_isnull, sort->slot->tts_isnull, natts * sizeof(bool));
	ExecStoreVirtualTuple(slot);
	return true;
}

void
neon_local_sort_end(NeonLocalSort *sort)
{
	ExecDropSingleTupleTableSlot(sort->slot);
	tuplesort_end(sort->rows);
	pfree(sort);
}
