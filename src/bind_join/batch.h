/*-------------------------------------------------------------------------
 *
 * bind_join/batch.h
 *		Batches of a bind join: outer rows, their keys, what they fetch.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_BIND_JOIN_BATCH_H
#define NEON_BIND_JOIN_BATCH_H

#include "bind_join/rows.h"
#include "bind_join/state.h"

typedef struct NeonBindBatch NeonBindBatch;

/*
 * Reads outer rows until they have enough different keys, and asks the remote
 * for the rows of these keys.  NULL if there are no more outer rows.
 */
extern NeonBindBatch *neon_bind_gather(NeonBindState *state);

/*
 * Reads remote rows into memory: all, or as many as fit.  The outer rows
 * start over.  False if all remote rows have been in memory already.
 */
extern bool neon_bind_load(NeonBindState *state, NeonBindBatch *batch);

/* True if the rows in memory are the last of the batch. */
extern bool neon_bind_is_last(NeonBindBatch *batch);

/*
 * Lets the outer rows of a loaded batch start over, to be joined once more.
 * False if not all remote rows are in memory at once.
 */
extern bool neon_bind_rewind(NeonBindBatch *batch);

/* True if half of the outer rows have been read since they started over. */
extern bool neon_bind_half_read(NeonBindBatch *batch);

/*
 * Fetches the next outer row into the leading columns of the tuple; false
 * after the last.
 */
extern bool neon_bind_next_outer(NeonBindState *state, NeonBindBatch *batch);

/* The remote rows that may match the outer row in hand. */
extern NeonBindRow *neon_bind_lookup(NeonBindState *state,
									 NeonBindBatch *batch);

/*
 * Has the outer row in hand met a remote row that fits?  This is remembered
 * while remote rows of the batch are still to come.
 */
extern void neon_bind_set_matched(NeonBindBatch *batch);
extern bool neon_bind_was_matched(NeonBindBatch *batch);

/* Fills the columns that come from a remote row; NULL for no row. */
extern void neon_bind_fill_inner(NeonBindState *state, NeonBindRow *row);

/* Ends a transfer that is still going on, frees everything. */
extern void neon_bind_free(NeonBindBatch *batch);

#endif							/* NEON_BIND_JOIN_BATCH_H */
