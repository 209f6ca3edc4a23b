/*-------------------------------------------------------------------------
 *
 * scan/shared_reply.c
 *		One reply to the statements of several scans.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/tupdesc.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "compat/compat.h"
#include "compat/planner.h"
#include "scan/shared_reply.h"

typedef struct SharedReply
{
	MemoryContext context;
	NeonReader *reader;			/* NULL: closed */
	bool		begun;			/* the reply has begun */
	bool		failed;			/* as neon_part_works() says */
	int			current;		/* number of the part whose rows arrive */
	int			nparts;
	NeonPart  **parts;
	TupleDesc	desc;			/* of stored rows: one bytea */
} SharedReply;

struct NeonPart
{
	SharedReply *reply;
	int			number;
	bool		arrived;		/* no more of its rows are to come */
	bool		closed;
	int64		received;
	Tuplestorestate *store;		/* rows that arrived too early, NULL: none */
	TupleTableSlot *slot;		/* of the store */
	NeonRow		row;			/* read from the store */
};

NeonPart  **
neon_shared_send(MemoryContext context, UserMapping *user, CommandId cid,
				 const NeonQuery *queries, int n, NeonStats *stats)
{
	MemoryContext own = AllocSetContextCreate(context, "neon shared reply",
											  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(own);
	SharedReply *reply = palloc0_object(SharedReply);

	reply->context = own;
	reply->nparts = n;
	reply->parts = palloc_array(NeonPart *, n);
	for (int i = 0; i < n; i++)
	{
		reply->parts[i] = palloc0_object(NeonPart);
		reply->parts[i]->reply = reply;
		reply->parts[i]->number = i;
	}
	reply->desc = CreateTemplateTupleDesc(1);
	TupleDescInitEntry(reply->desc, 1, "row", BYTEAOID, -1, 0);
	neon_finish_tuple_desc(reply->desc);
	reply->reader = neon_transaction_read(user, cid, queries, n, stats);
	MemoryContextSwitchTo(old);
	return reply->parts;
}

/* ---------- stored rows ---------- */

/* A row as one value: a byte, then for each cell its length and its text. */
static bytea *
pack_row(const NeonRow *row)
{
	Size		size = VARHDRSZ + 1;
	bytea	   *result;
	char	   *at;

	for (int i = 0; i < row->ncolumns; i++)
		size += sizeof(int) +
			(row->values[i] != NULL ? row->lengths[i] + 1 : 0);
	result = palloc_extended(size, MCXT_ALLOC_HUGE);
	if (size > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("row of a remote query is too large")));
	SET_VARSIZE(result, size);
	at = VARDATA(result);
	*at++ = row->ascii;
	for (int i = 0; i < row->ncolumns; i++)
	{
		int			length = row->values[i] != NULL ? row->lengths[i] : -1;

		memcpy(at, &length, sizeof(int));
		at += sizeof(int);
		if (length < 0)
			continue;
		memcpy(at, row->values[i], length + 1);
		at += length + 1;
	}
	return result;
}

/* The cells point into the packed row. */
static void
unpack_row(bytea *packed, NeonRow *row)
{
	char	   *at = VARDATA_ANY(packed);

	row->ascii = *at++;
	for (int i = 0; i < row->ncolumns; i++)
	{
		memcpy(&row->lengths[i], at, sizeof(int));
		at += sizeof(int);
		row->values[i] = NULL;
		if (row->lengths[i] < 0)
			continue;
		row->values[i] = at;
		at += row->lengths[i] + 1;
	}
}

static void
create_store(NeonPart *part, int ncolumns)
{
	MemoryContext old = MemoryContextSwitchTo(part->reply->context);

	part->store = tuplestore_begin_heap(false, false, work_mem);
	part->slot = MakeSingleTupleTableSlot(part->reply->desc,
										  &TTSOpsMinimalTuple);
	part->row.ncolumns = ncolumns;
	part->row.values = palloc_array(char *, Max(ncolumns, 1));
	part->row.lengths = palloc_array(int, Max(ncolumns, 1));
	MemoryContextSwitchTo(old);
}

static void
store_row(NeonPart *part, const NeonRow *row)
{
	Datum		value;
	bool		isnull = false;

	if (part->store == NULL)
		create_store(part, row->ncolumns);
	value = PointerGetDatum(pack_row(row));
	tuplestore_putvalues(part->store, part->reply->desc, &value, &isnull);
	pfree(DatumGetPointer(value));
}

static const NeonRow *
stored_row(NeonPart *part)
{
	MemoryContext old;
	bool		found;
	bool		isnull;

	if (part->store == NULL)
		return NULL;
	/* The slot frees the tuple when it gets the next one. */
	old = MemoryContextSwitchTo(part->reply->context);
	found = tuplestore_gettupleslot(part->store, true, false, part->slot);
	MemoryContextSwitchTo(old);
	if (!found)
		return NULL;
	unpack_row((bytea *) DatumGetPointer(slot_getattr(part->slot, 1, &isnull)),
			   &part->row);
	return &part->row;
}

static void
end_store(NeonPart *part)
{
	if (part->store == NULL)
		return;
	ExecDropSingleTupleTableSlot(part->slot);
	tuplestore_end(part->store);
	part->store = NULL;
}

/* ---------- reading ---------- */

bool
neon_part_works(NeonPart *part)
{
	SharedReply *reply = part->reply;

	if (!reply->begun)
	{
		reply->begun = true;
		reply->failed = !neon_remote_works(reply->reader);
		if (reply->failed)
		{
			neon_remote_close(reply->reader);
			reply->reader = NULL;
		}
	}
	return !reply->failed;
}

bool
neon_part_is_behind(const NeonPart *part)
{
	const SharedReply *reply = part->reply;

	for (int i = reply->current; i < part->number && !reply->failed; i++)
	{
		if (!reply->parts[i]->arrived && !reply->parts[i]->closed)
			return true;
	}
	return false;
}

bool
neon_part_ready(NeonPart *part, int64 *deadline)
{
	SharedReply *reply = part->reply;

	if (reply->failed || part->arrived)
		return true;
	return (!reply->begun || !neon_part_is_behind(part)) &&
		neon_remote_ready(reply->reader, deadline);
}

/* The rows of the part that arrives now are wanted later, or not at all. */
static void
pass_current(SharedReply *reply)
{
	NeonPart   *part = reply->parts[reply->current];
	const NeonRow *row;

	while (!part->arrived && !part->closed &&
		   (row = neon_remote_next_row(reply->reader)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		store_row(part, row);
	}
	part->arrived = true;
	if (!neon_remote_next_result(reply->reader))
		elog(ERROR, "reply has fewer results than statements");
	reply->current++;
}

const NeonRow *
neon_part_next_row(NeonPart *part)
{
	SharedReply *reply = part->reply;
	const NeonRow *row;

	Assert(!part->closed && reply->begun && !reply->failed);
	if (!part->arrived)
	{
		while (reply->current < part->number)
			pass_current(reply);
		row = neon_remote_next_row(reply->reader);
		part->arrived = row == NULL;
	}
	else
		row = stored_row(part);
	for (int i = 0; row != NULL && i < row->ncolumns; i++)
		part->received += row->values[i] != NULL ? row->lengths[i] : 0;
	return row;
}

int64
neon_part_received(NeonPart *part)
{
	return part->received;
}

void
neon_part_close(NeonPart *part)
{
	SharedReply *reply = part->reply;

	part->closed = true;
	end_store(part);
	for (int i = reply->current; i < reply->nparts; i++)
	{
		if (!reply->parts[i]->closed && !reply->parts[i]->arrived)
			return;
	}
	if (reply->reader != NULL)
		neon_remote_close(reply->reader);
	reply->reader = NULL;
}
