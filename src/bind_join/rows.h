/*-------------------------------------------------------------------------
 *
 * bind_join/rows.h
 *		Remote rows in memory, found by the hash value of their keys.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_BIND_JOIN_ROWS_H
#define NEON_BIND_JOIN_ROWS_H

#include "access/htup_details.h"
#include "access/tupdesc.h"

/* One row; its MinimalTuple follows. */
typedef struct NeonBindRow
{
	struct NeonBindRow *next;	/* of the same hash value */
} NeonBindRow;

#define NEON_BIND_ROW_TUPLE(row) \
	((MinimalTuple) ((char *) (row) + MAXALIGN(sizeof(NeonBindRow))))

typedef struct NeonBindRows NeonBindRows;

/* Rows and their table are allocated in context, and go with it. */
extern NeonBindRows *neon_bind_rows_create(MemoryContext context);

extern void neon_bind_rows_add(NeonBindRows *rows, TupleDesc desc,
							   Datum *values, bool *isnull, uint32 hash);

/* The first row of a hash value, NULL if there is none. */
extern NeonBindRow *neon_bind_rows_find(NeonBindRows *rows, uint32 hash);

extern bool neon_bind_rows_is_empty(NeonBindRows *rows);

/* Bytes that rows and table take. */
extern Size neon_bind_rows_size(NeonBindRows *rows);

#endif							/* NEON_BIND_JOIN_ROWS_H */
