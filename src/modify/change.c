/*-------------------------------------------------------------------------
 *
 * modify/change.c
 *		Rows that an UPDATE or DELETE changes, as they are sent.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "executor/executor.h"
#include "storage/itemptr.h"
#include "utils/datum.h"
#include "utils/hsearch.h"

#include "compat/compat.h"
#include "modify/change.h"
#include "modify/insert_shape.h"
#include "remote/array_text.h"

Datum
neon_junk_value(TupleTableSlot *plan_slot, AttrNumber attnum)
{
	bool		isnull;
	Datum		value = ExecGetJunkAttribute(plan_slot, attnum, &isnull);

	if (isnull)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_ERROR),
				 errmsg("a row to be changed came without its identity")));
	return value;
}

bool
neon_is_first_change(NeonModify *modify, TupleTableSlot *plan_slot,
					 NeonRowPlace *place)
{
	ItemPointer ctid;
	bool		found;

	ctid = (ItemPointer) DatumGetPointer(neon_junk_value(plan_slot, modify->ctid));
	memset(place, 0, sizeof(NeonRowPlace));
	place->tableoid = DatumGetUInt32(neon_junk_value(plan_slot, modify->tableoid));
	place->block = ItemPointerGetBlockNumberNoCheck(ctid);
	place->offset = ItemPointerGetOffsetNumberNoCheck(ctid);
	(void) hash_search(modify->seen, place, HASH_ENTER, &found);
	return !found;
}

/*
 * A row that this transaction has written (whose xmin is read as 0) is at
 * another place each time that the queue is sent: only a key finds it again.
 */
static void
check_findable(NeonModify *modify, uint32 xmin)
{
	if (xmin != 0 || modify->sql.has_key)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot find again a row of foreign table \"%s\" that this transaction has written",
					RelationGetRelationName(modify->rel)),
			 errhint("Set option \"key\" of the columns of its remote primary key, or commit before you change the row again.")));
}

void
neon_append_identity(NeonModify *modify, NeonRows *rows, TupleTableSlot *plan_slot,
					 const NeonRowPlace *place)
{
	StringInfo	column = &rows->columns[neon_shape_values(rows->shape)];
	uint32		xmin = DatumGetUInt32(neon_junk_value(plan_slot, modify->xmin));

	check_findable(modify, xmin);
	for (int i = 0; i < modify->sql.natts; i++)
	{
		if (modify->sql.key[i])
			neon_array_append(column++,
							  neon_row_print(modify->printer, i + 1,
											 neon_junk_value(plan_slot,
															 modify->keys[i]),
											 false));
	}
	if (!modify->sql.has_key)
	{
		neon_array_append(column++, psprintf("(%u,%u)", place->block,
											 place->offset));
		neon_array_append(column++, psprintf("%u", place->tableoid));
	}
	neon_array_append(column, psprintf("%u", xmin));
}

void
neon_append_change(NeonModify *modify, NeonRows *rows, TupleTableSlot *slot,
				   TupleTableSlot *plan_slot, const NeonRowPlace *place)
{
	neon_row_print_begin(modify->printer);
	neon_rows_append_slot(rows, modify->printer, slot);
	neon_append_identity(modify, rows, plan_slot, place);
	neon_row_print_end(modify->printer);
	rows->count++;
}

List *
neon_update_shape(NeonModify *modify, TupleTableSlot *slot,
				  TupleTableSlot *plan_slot)
{
	TupleDesc	desc = RelationGetDescr(modify->rel);
	HeapTupleData old = {0};
	List	   *shape = NIL;

	if (!modify->compares)
		return modify->shape;
	slot_getallattrs(slot);
	old.t_data = DatumGetHeapTupleHeader(neon_junk_value(plan_slot,
														 modify->wholerow));
	old.t_len = HeapTupleHeaderGetDatumLength(old.t_data);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attr = TupleDescAttr(desc, i);
		bool		isnull = slot->tts_isnull[i];
		bool		was_null;
		Datum		was = heap_getattr(&old, i + 1, desc, &was_null);

		if (!neon_is_written_column(attr))
			continue;
		if (isnull && list_member_int(modify->shape, -(i + 1)))
		{
			shape = lappend_int(shape, -(i + 1));
			continue;
		}
		if (list_member_int(modify->shape, i + 1) || isnull != was_null ||
			(!isnull && !datumIsEqual(slot->tts_values[i], was, attr->attbyval,
									  attr->attlen)))
			shape = lappend_int(shape, i + 1);
	}
	return shape;
}

void
neon_check_partition(EState *estate, ResultRelInfo *result, TupleTableSlot *slot)
{
	if (ExecPartitionCheck(result, slot, estate, false))
		return;
	if (result->ri_RootResultRelInfo == NULL)
		ExecPartitionCheckEmitError(result, slot, estate);
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot move a row from foreign table \"%s\" to another partition",
					RelationGetRelationName(result->ri_RelationDesc)),
			 errhint("Delete the row, and insert it into the partitioned table.")));
}
