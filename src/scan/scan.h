/*-------------------------------------------------------------------------
 *
 * scan/scan.h
 *		Execution of a foreign scan.
 *
 * The folder scan/ runs a planned remote statement and turns the reply's
 * cells into tuples; it also remembers which rows are locked, and explains.
 * It may call transaction/ to read, deparse/ to compute parameters, and what
 * is below; of plan/ it knows only the items of a plan (plan/scan_items.h).
 * It promises that rows arrive as they are wanted, with flat memory, and that
 * nothing is sent before the first row is wanted.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCAN_SCAN_H
#define NEON_SCAN_SCAN_H

#include "nodes/execnodes.h"
#include "utils/tuplestore.h"

#include "scan/state.h"

/*
 * Prepares a scan whose sql, columns and ncolumns are set, and sends nothing.
 * exprs are its parameters; relname or targets name the source of its rows in
 * errors (see scan/row.h).  Allocates in the current memory context, which
 * must be the query's.
 */
extern void neon_scan_begin(NeonScanState *state, ScanState *node,
							UserMapping *user, List *exprs,
							const char *relname, List *targets);

/* Fills the node's scan slot with the next row; empty at the end. */
extern TupleTableSlot *neon_scan_next(NeonScanState *state, ScanState *node);

/*
 * As neon_remote_ready().  A scan may share a reply with others, and be behind
 * one that is still to be read; or its request has not been sent, because too
 * many are on their way: then it is not ready, but behind these.
 */
extern bool neon_scan_ready(NeonScanState *state, int64 *deadline);
extern bool neon_scan_is_behind(const NeonScanState *state);

/*
 * Converts a row of a reply in the format of the scan and keeps it in rows.
 * slot, of the format's tuple descriptor, is empty afterwards.
 */
extern void neon_scan_keep(NeonScanState *state, const NeonRow *row,
						   TupleTableSlot *slot, Tuplestorestate *rows);

/* Starts over: the next row is the first one of a new request. */
extern void neon_scan_restart(NeonScanState *state);

/* Ends a transfer that is still going on; may be repeated. */
extern void neon_scan_end(NeonScanState *state);

/* Callbacks of a foreign scan; its fdw_state is the NeonScanState. */
extern void neonBeginForeignScan(ForeignScanState *node, int eflags);
extern TupleTableSlot *neonIterateForeignScan(ForeignScanState *node);
extern bool neonRecheckForeignScan(ForeignScanState *node,
								   TupleTableSlot *slot);
extern void neonReScanForeignScan(ForeignScanState *node);
extern void neonEndForeignScan(ForeignScanState *node);

#endif							/* NEON_SCAN_SCAN_H */
