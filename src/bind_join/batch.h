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

#include "bind_join/exec.h"

/* A remote row in memory; a MinimalTuple follows. */
typedef struct NeonBindRow
{
	struct NeonBindRow *next;	/* of the same hash value */
} NeonBindRow;

#define NEON_BIND_ROW_TUPLE(row) \
	((MinimalTuple) ((char *) (row) + MAXALIGN(sizeof(NeonBindRow))))

typedef struct NeonBindBatch NeonBindBatch;

/*
 * Reads outer rows until they have enough different keys, and asks for
 * these.  NULL if there are no more outer rows.
 */
extern NeonBindBatch *neon_bind_gather(NeonBindState *state);

/*
 * Reads remote rows into memory: all, or as many as fit.  The outer rows
 * start over.  False if there are none left and there were some before.
 */
extern bool neon_bind_load(NeonBindState *state, NeonBindBatch *batch);

/* True when the rows in memory are the last of the batch. */
extern bool neon_bind_is_last(NeonBindBatch *batch);

/* True when half of the outer rows have been read since they started over. */
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
 * Of the outer row in hand: it has met a row that fits.  Remembered while
 * remote rows of the batch are still to come.
 */
extern void neon_bind_set_matched(NeonBindBatch *batch);
extern bool neon_bind_was_matched(NeonBindBatch *batch);

/* Fills the columns that come from a remote row; NULL for no row. */
extern void neon_bind_fill_inner(NeonBindState *state, NeonBindRow *row);

/* Ends a transfer that is still going on, frees everything. */
extern void neon_bind_free(NeonBindBatch *batch);

#endif							/* NEON_BIND_JOIN_BATCH_H */
