/*-------------------------------------------------------------------------
 *
 * scan/row_lock.h
 *		Execution of SELECT ... FOR UPDATE and its like.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCAN_ROW_LOCK_H
#define NEON_SCAN_ROW_LOCK_H

#include "foreign/foreign.h"
#include "nodes/execnodes.h"

typedef struct NeonScanLock NeonScanLock;

/*
 * Prepares a foreign scan to remember its rows; NULL if none of its tables is
 * locked.  Allocates in the current memory context, which must be the query's.
 */
extern NeonScanLock *neon_lock_begin(ForeignScanState *node,
									 UserMapping *user);

/* Remembers a row that the scan has read. */
extern void neon_lock_remember(NeonScanLock *locks, TupleTableSlot *slot);

/* Callback: locks a row that the query returns. */
extern void neonRefetchForeignRow(EState *estate, ExecRowMark *erm,
								  Datum rowid, TupleTableSlot *slot,
								  bool *updated);

#endif							/* NEON_SCAN_ROW_LOCK_H */
