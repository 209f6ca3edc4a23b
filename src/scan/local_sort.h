/*-------------------------------------------------------------------------
 *
 * scan/local_sort.h
 *		Rows that the remote cannot give in order, sorted here.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCAN_LOCAL_SORT_H
#define NEON_SCAN_LOCAL_SORT_H

#include "executor/tuptable.h"

typedef struct NeonLocalSort NeonLocalSort;

/*
 * Begins a sort of rows of this kind, of which columns alone are kept, not what
 * is in the header of a row.  order is the item NEON_SCAN_TABLE_ORDER of a plan.
 * Lives in the current memory context.
 */
extern NeonLocalSort *neon_local_sort_begin(TupleDesc desc, List *order);

extern void neon_local_sort_put(NeonLocalSort *sort, TupleTableSlot *slot);

/*
 * Stores the next row in slot (cleared before), which is valid until the next
 * call.  False if there is none.  The first call ends the input.
 */
extern bool neon_local_sort_next(NeonLocalSort *sort, TupleTableSlot *slot);

/* Frees all of it, and temporary files. */
extern void neon_local_sort_end(NeonLocalSort *sort);

#endif							/* NEON_SCAN_LOCAL_SORT_H */
