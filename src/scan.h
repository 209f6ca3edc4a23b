/*-------------------------------------------------------------------------
 *
 * scan.h
 *		Execution of a foreign scan.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCAN_H
#define NEON_SCAN_H

#include "nodes/execnodes.h"
#include "params.h"
#include "remote.h"
#include "row.h"

/* Execution state of a scan, in ForeignScanState.fdw_state. */
typedef struct NeonScanState
{
	const char *sql;			/* what is sent */
	List	   *columns;		/* attribute numbers of its result */
	UserMapping *user;			/* as whom */
	NeonParams *params;
	NeonRowFormat *format;
	NeonReader *reader;			/* NULL: nothing sent yet */
	bool		done;			/* the reader has no more rows */
	MemoryContext row_context;	/* values of the current row */
	MemoryContext reader_context;	/* owns reader */
	NeonStats	stats;
} NeonScanState;

extern void neonBeginForeignScan(ForeignScanState *node, int eflags);
extern TupleTableSlot *neonIterateForeignScan(ForeignScanState *node);
extern void neonReScanForeignScan(ForeignScanState *node);
extern void neonEndForeignScan(ForeignScanState *node);

#endif							/* NEON_SCAN_H */
