/*-------------------------------------------------------------------------
 *
 * bind_join/batch.c
 *		Batches of a bind join: outer rows, their keys, what they fetch.
 *
 * Memory is bounded on both sides.  Outer rows are kept in a tuplestore, which
 * spills to disk.  Remote rows are kept in a hash table.  If they do not all
 * fit, as many as fit are joined to all outer rows while the transfer pauses;
 * then the next ones are read and joined to all outer rows again.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "bind_join/batch.h"
#include "bind_join/batch_size.h"
#include "bind_join/reply.h"
#include "compat/compat.h"
#include "compat/planner.h"

/*
 * A batch takes in no more outer rows once its keys are of this size.  The
 * request then stays well below the endpoint's limit (at least 10 MiB), even
 * if the keys' text is several times as long as their values.
 */
#define MAX_KEY_BYTES	(2 * 1024 * 1024)

struct NeonBindBatch
{
	MemoryContext context;		/* holds all of it */
	Tuplestorestate *outer;
	int64		nouter;
	int64		position;		/* of the outer row in hand, from 0 */

	MemoryContext key_context;	/* holds the keys and what is made of them */
	NeonBindKeySet *keys;
	int64		first;			/* of the keys asked for now */
	int64		count;			/* how many these are */

	NeonBindReply reply;
	MemoryContext chunk;
	NeonBindRows *rows;			/* in chunk */
	bool		loaded;			/* have there been any? */
	uint8	   *matched;		/* bit by outer row, NULL: not needed yet */
};

/* ---------- tuples ---------- */

static void
fill_outer(NeonBindState *state, TupleTableSlot *source)
{
	TupleTableSlot *slot = state->css.ss.ss_ScanTupleSlot;
	int			i;

	slot_getallattrs(source);
	ExecClearTuple(slot);
	for (i = 0; i < state->nouter; i++)
	{
		int			attnum = state->outer_sources[i];

		slot->tts_values[i] = source->tts_values[attnum - 1];
		slot->tts_isnull[i] = source->tts_isnull[attnum - 1];
	}
	ExecStoreVirtualTuple(slot);
}

void
neon_bind_fill_inner(NeonBindState *state, NeonBindRow *row)
{
	TupleTableSlot *slot = state->css.ss.ss_ScanTupleSlot;
	Datum	   *values = slot->tts_values + state->nouter;
	bool	   *isnull = slot->tts_isnull + state->nouter;

	ExecClearTuple(slot);
	if (row == NULL)
		memset(isnull, true, sizeof(bool) * state->ninner);
	else
	{
		ExecStoreMinimalTuple(NEON_BIND_ROW_TUPLE(row), state->inner_slot,
							  false);
		slot_getallattrs(state->inner_slot);
		memcpy(values, state->inner_slot->tts_values,
			   sizeof(Datum) * state->ninner);
		memcpy(isnull, state->inner_slot->tts_isnull,
			   sizeof(bool) * state->ninner);
	}
	ExecStoreVirtualTuple(slot);
}

/* ---------- gathering ---------- */

static NeonBindBatch *
create_batch(NeonBindState *state)
{
	MemoryContext context;
	MemoryContext oldcontext;
	NeonBindBatch *batch;

	context = AllocSetContextCreate(state->css.ss.ps.state->es_query_cxt,
									"neon_http_fdw bind join",
									ALLOCSET_DEFAULT_SIZES);
	oldcontext = MemoryContextSwitchTo(context);
	batch = palloc0(sizeof(NeonBindBatch));
	batch->context = context;
	batch->outer = tuplestore_begin_heap(false, false, work_mem / 2);
	batch->key_context = AllocSetContextCreate(context,
											   "neon_http_fdw keys",
											   ALLOCSET_DEFAULT_SIZES);
	batch->keys = neon_bind_set_create(state->keys, batch->key_context);
	batch->chunk = AllocSetContextCreate(context, "neon_http_fdw rows",
										 ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(oldcontext);
	return batch;
}

/*
 * Asks for the rows of batch->count keys, from batch->first on.  These are all
 * keys of the batch, unless a reply did not fit.  With spill, those of one key
 * are more than the limit of a reply: false if they cannot be spilled.
 */
static bool
ask(NeonBindState *state, NeonBindBatch *batch, bool spill, int64 limit)
{
	bool		result = true;
	MemoryContext context;
	MemoryContext oldcontext;
	NeonQuery	query = {0};

	context = AllocSetContextCreate(batch->context,
									"neon_http_fdw parameters",
									ALLOCSET_DEFAULT_SIZES);
	oldcontext = MemoryContextSwitchTo(context);
	neon_bind_set_params(batch->keys, batch->first, batch->count,
						 state->css.ss.ps.state);
	query.sql = state->sql;
	query.nparams = neon_params_count(state->params);
	query.params = neon_params_eval(state->params,
									state->css.ss.ps.ps_ExprContext);
	query.ncolumns = Max(state->ncolumns, 1);
	MemoryContextSwitchTo(batch->context);
	if (spill)
		result = neon_bind_spill(state, &batch->reply, &query, limit);
	else
		neon_bind_send(state, &batch->reply, &query);
	MemoryContextSwitchTo(oldcontext);
	MemoryContextDelete(context);
	return result;
}

static void
send_request(NeonBindState *state, NeonBindBatch *batch)
{
	(void) ask(state, batch, false, 0);
}

/*
 * Adds an outer row and its keys to the batch.  A row with a null key matches
 * nothing: an inner or semi join leaves it out.
 */
static void
add_outer_row(NeonBindState *state, NeonBindBatch *batch,
			  TupleTableSlot *source)
{
	ExprContext *econtext = state->css.ss.ps.ps_ExprContext;
	MemoryContext oldcontext;
	uint32		hash;

	ResetExprContext(econtext);
	fill_outer(state, source);
	econtext->ecxt_scantuple = state->css.ss.ss_ScanTupleSlot;
	if (neon_bind_keys_hash(state->keys, econtext, true, &hash))
	{
		oldcontext = MemoryContextSwitchTo(econtext->ecxt_per_tuple_memory);
		neon_bind_set_add(batch->keys, hash);
		MemoryContextSwitchTo(oldcontext);
	}
	else if (state->jointype == JOIN_INNER || state->jointype == JOIN_SEMI)
		return;
	tuplestore_puttupleslot(batch->outer, source);
	batch->nouter++;
}

static bool
wants_more(NeonBindState *state, NeonBindBatch *batch)
{
	return neon_bind_set_count(batch->keys) < state->limit &&
		neon_bind_set_size(batch->keys) < MAX_KEY_BYTES;
}

NeonBindBatch *
neon_bind_gather(NeonBindState *state)
{
	PlanState  *outer = linitial(state->css.custom_ps);
	NeonBindBatch *batch;

	if (state->outer_done)
		return NULL;
	batch = create_batch(state);
	while (wants_more(state, batch))
	{
		TupleTableSlot *slot = ExecProcNode(outer);

		if (TupIsNull(slot))
		{
			state->outer_done = true;
			break;
		}
		add_outer_row(state, batch, slot);
	}
	if (batch->nouter == 0)
	{
		neon_bind_free(batch);
		return NULL;
	}
	batch->count = neon_bind_set_count(batch->keys);
	if (batch->count > 0)
	{
		send_request(state, batch);
		state->nbatches++;
		state->nkeys += batch->count;
	}
	state->limit = Min(state->limit * NEON_BIND_GROWTH, NEON_BIND_LAST_BATCH);
	return batch;
}

/* ---------- receiving ---------- */

/*
 * Converts a remote row into the scan slot; false if a condition drops it.
 * Expressions of the row are computed after the filter, for they may fail on
 * rows that the filter drops.
 */
static bool
receive_row(NeonBindState *state, const NeonRow *row, uint32 *hash)
{
	ExprContext *econtext = state->css.ss.ps.ps_ExprContext;
	TupleTableSlot *slot = state->css.ss.ss_ScanTupleSlot;
	Datum	   *values = slot->tts_values + state->nouter;
	bool	   *isnull = slot->tts_isnull + state->nouter;
	int			computed = 0;
	int			i;

	neon_row_store(state->format, row, state->row_slot);
	ExecClearTuple(slot);
	memset(slot->tts_isnull, true,
		   sizeof(bool) * (state->nouter + state->ninner));
	for (i = 0; i < state->ninner; i++)
	{
		int			source = state->inner_sources[i];

		if (source == 0)
			continue;
		values[i] = state->row_slot->tts_values[source - 1];
		isnull[i] = state->row_slot->tts_isnull[source - 1];
	}
	ExecStoreVirtualTuple(slot);

	ResetExprContext(econtext);
	econtext->ecxt_scantuple = slot;
	if (!ExecQual(state->filter, econtext) ||
		!neon_bind_keys_hash(state->keys, econtext, false, hash))
		return false;
	for (i = 0; i < state->ninner; i++)
	{
		if (state->inner_sources[i] == 0)
			values[i] = ExecEvalExprSwitchContext(state->computed[computed++],
												  econtext, &isnull[i]);
	}
	return true;
}

/* Copies the inner part of the scan slot into memory. */
static void
store_row(NeonBindState *state, NeonBindBatch *batch, uint32 hash)
{
	TupleTableSlot *slot = state->css.ss.ss_ScanTupleSlot;

	neon_bind_rows_add(batch->rows,
					   state->inner_slot->tts_tupleDescriptor,
					   slot->tts_values + state->nouter,
					   slot->tts_isnull + state->nouter, hash);
}

/*
 * Waits for the reply.  While it exceeds the endpoint's limit, asks again for
 * half as many keys; end_request() asks for the others afterwards.
 */
static void
fit_request(NeonBindState *state, NeonBindBatch *batch)
{
	bool		fewer;
	int64		limit;

	while (!neon_bind_arrives(&batch->reply, &fewer, &limit))
	{
		if (fewer && batch->count <= 1)
		{
			if (!ask(state, batch, true, limit))
				neon_remote_refuse(batch->reply.reader);
			break;
		}
		if (limit > 0)
			state->reply_bytes = Min(state->reply_bytes, limit / 2);
		neon_bind_close(&batch->reply);
		if (fewer)
			batch->count /= 2;
		send_request(state, batch);
	}
}

/*
 * All rows of a request have been read: asks for the rows of the keys that are
 * left.  Later batches are made as large as the size of this reply suggests.
 */
static void
end_request(NeonBindState *state, NeonBindBatch *batch)
{
	double		received = neon_bind_received(&batch->reply);

	state->limit = neon_bind_batch_size(state->limit, received / batch->count,
										state->reply_bytes);
	neon_bind_close(&batch->reply);
	batch->first += batch->count;
	batch->count = Min(batch->count,
					   neon_bind_set_count(batch->keys) - batch->first);
	if (batch->count > 0)
	{
		send_request(state, batch);
		fit_request(state, batch);
	}
	else
		MemoryContextReset(batch->key_context);
}

/*
 * Reads rows until they take hash_mem.  It is at least one row that is kept,
 * or a hash_mem smaller than an empty table would make this an endless loop.
 */
static void
receive_rows(NeonBindState *state, NeonBindBatch *batch)
{
	Size		memory = get_hash_memory_limit();

	while (neon_bind_is_open(&batch->reply) &&
		   (neon_bind_rows_is_empty(batch->rows) ||
			neon_bind_rows_size(batch->rows) < memory))
	{
		const NeonRow *row = neon_bind_next_row(&batch->reply);
		MemoryContext oldcontext;
		uint32		hash;

		if (row == NULL)
		{
			end_request(state, batch);
			continue;
		}
		ExecClearTuple(state->row_slot);
		MemoryContextReset(state->row_context);
		oldcontext = MemoryContextSwitchTo(state->row_context);
		if (receive_row(state, row, &hash))
			store_row(state, batch, hash);
		MemoryContextSwitchTo(oldcontext);
	}
}

bool
neon_bind_load(NeonBindState *state, NeonBindBatch *batch)
{
	if (batch->loaded)
	{
		if (!neon_bind_is_open(&batch->reply))
			return false;
		MemoryContextReset(batch->chunk);
		tuplestore_rescan(batch->outer);
	}
	batch->rows = neon_bind_rows_create(batch->chunk);
	batch->position = -1;
	if (!batch->loaded && neon_bind_is_open(&batch->reply))
		fit_request(state, batch);
	batch->loaded = true;
	receive_rows(state, batch);
	if (neon_bind_is_open(&batch->reply) && batch->matched == NULL)
		batch->matched = MemoryContextAllocExtended(batch->context,
													batch->nouter / 8 + 1,
													MCXT_ALLOC_HUGE |
													MCXT_ALLOC_ZERO);
	return true;
}

/* ---------- joining ---------- */

bool
neon_bind_is_last(NeonBindBatch *batch)
{
	return !neon_bind_is_open(&batch->reply);
}

bool
neon_bind_rewind(NeonBindBatch *batch)
{
	if (neon_bind_is_open(&batch->reply) || batch->matched != NULL)
		return false;
	tuplestore_rescan(batch->outer);
	batch->position = -1;
	return true;
}

bool
neon_bind_half_read(NeonBindBatch *batch)
{
	return batch->position >= batch->nouter / 2;
}

bool
neon_bind_next_outer(NeonBindState *state, NeonBindBatch *batch)
{
	/* An inner or semi join returns nothing without remote rows. */
	if (neon_bind_rows_is_empty(batch->rows) &&
		(state->jointype == JOIN_INNER || state->jointype == JOIN_SEMI))
		return false;
	if (!tuplestore_gettupleslot(batch->outer, true, false,
								 state->outer_slot))
		return false;
	batch->position++;
	fill_outer(state, state->outer_slot);
	return true;
}

NeonBindRow *
neon_bind_lookup(NeonBindState *state, NeonBindBatch *batch)
{
	ExprContext *econtext = state->css.ss.ps.ps_ExprContext;
	uint32		hash;

	if (neon_bind_rows_is_empty(batch->rows))
		return NULL;
	ResetExprContext(econtext);
	econtext->ecxt_scantuple = state->css.ss.ss_ScanTupleSlot;
	if (!neon_bind_keys_hash(state->keys, econtext, true, &hash))
		return NULL;
	return neon_bind_rows_find(batch->rows, hash);
}

void
neon_bind_set_matched(NeonBindBatch *batch)
{
	if (batch->matched != NULL)
		batch->matched[batch->position / 8] |= 1 << (batch->position % 8);
}

bool
neon_bind_was_matched(NeonBindBatch *batch)
{
	return batch->matched != NULL &&
		(batch->matched[batch->position / 8] & (1 << (batch->position % 8)));
}

void
neon_bind_free(NeonBindBatch *batch)
{
	neon_bind_close(&batch->reply);
	tuplestore_end(batch->outer);
	MemoryContextDelete(batch->context);
}
