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
 * What a foreign scan has to remember of its rows, NULL if it is nothing.
 * Allocates in the current memory context, which must be the query's.
 */
extern NeonScanLock *neon_lock_begin(ForeignScanState *node,
									 UserMapping *user);

/* Each row that the scan reads. */
extern void neon_lock_remember(NeonScanLock *locks, TupleTableSlot *slot);

/* Callback: a row that is returned is to be locked. */
extern void neonRefetchForeignRow(EState *estate, ExecRowMark *erm,
								  Datum rowid, TupleTableSlot *slot,
								  bool *updated);

#endif							/* NEON_SCAN_ROW_LOCK_H */
