/*-------------------------------------------------------------------------
 *
 * scan/state.h
 *		Execution state of one remote statement that returns rows.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCAN_STATE_H
#define NEON_SCAN_STATE_H

#include "foreign/foreign.h"
#include "nodes/execnodes.h"

#include "deparse/params.h"
#include "scan/local_sort.h"
#include "scan/pieces.h"
#include "scan/row.h"
#include "scan/row_lock.h"
#include "scan/shared_reply.h"

/* The state is the same for all plan nodes that run such a statement. */
typedef struct NeonScanState
{
	const char *sql;			/* the statement */
	const char *reads;			/* see json/request.h; NULL: the same */
	List	   *columns;		/* attribute numbers of its result */
	int			ncolumns;		/* number of cells in a row of the reply */
	UserMapping *user;			/* to read as */
	CommandId	cid;			/* it sees writes of commands before this one */
	List	   *exprs;			/* of the parameters */
	NeonParams *params;
	NeonRowFormat *format;
	NeonDivision division;		/* see scan/pieces.h */
	List	   *order;			/* NEON_SCAN_TABLE_ORDER, if it is sorted */
	double		expected;		/* bytes of the result, 0: unknown */
	NeonQuery	query;			/* with the parameters of this run */
	NeonPieces *rows;			/* NULL: no request of its own */
	NeonLocalSort *sort;		/* of its rows; NULL: they come in order */
	int64		sorted;			/* so many, in all runs */
	NeonPart   *part;			/* of a reply to several scans; NULL: none */
	bool		part_begun;		/* rows have been read from part */
	bool		waiting;		/* may be sent along, see scan/together.h */
	bool		done;			/* there are no more rows */
	bool		polls;			/* returns no row if it has to wait for it */
	bool		waits;			/* but not for the next one */
	MemoryContext row_context;	/* values of the current row */
	MemoryContext rows_context; /* owns rows */
	NeonScanLock *locks;		/* of tables whose rows are locked */
	NeonStats	stats;
} NeonScanState;

#endif							/* NEON_SCAN_STATE_H */
