/*-------------------------------------------------------------------------
 *
 * bind_join/state.h
 *		The execution state of a bind join.
 *
 * The folder bind_join/ joins rows from any plan to rows of a foreign table:
 * it asks the remote for the rows that match the keys of a batch of outer
 * rows.  It may call scan/ for the conversion of rows, transaction/ to read,
 * and plan/, deparse/ and what is below them to make paths and statements.  It
 * promises the rows and the order of a nested loop over the outer rows of each
 * batch, with memory bounded on both sides.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_BIND_JOIN_STATE_H
#define NEON_BIND_JOIN_STATE_H

#include "foreign/foreign.h"
#include "nodes/execnodes.h"
#include "nodes/extensible.h"

#include "bind_join/key.h"
#include "bind_join/rows.h"
#include "deparse/params.h"
#include "scan/row.h"
#include "transaction/transaction.h"

struct NeonBindBatch;
typedef struct NeonBindState
{
	CustomScanState css;

	/* from the plan */
	const char *sql;
	List	   *private;		/* custom_private */
	JoinType	jointype;
	bool		single_match;
	bool		eager;			/* all rows will be wanted */
	int			nouter;			/* columns from the outer plan */
	int		   *outer_sources;
	int			ninner;			/* columns from the remote row */
	int		   *inner_sources;
	NeonBindKeys *keys;

	/* expressions */
	ExprState  *filter;
	ExprState  *join;
	ExprState **computed;

	/* asking */
	UserMapping *user;
	NeonParams *params;
	NeonStats	stats;
	int			limit;			/* keys of the next batch */
	double		reply_bytes;	/* bound of the reply to it */
	int64		nbatches;		/* batches asked for so far */
	int64		nkeys;			/* keys in these batches */

	/* receiving */
	int			ncolumns;		/* of the remote result */
	NeonRowFormat *format;
	TupleTableSlot *row_slot;	/* a remote row as it comes */
	MemoryContext row_context;	/* its values */

	/* joining */
	TupleTableSlot *outer_slot; /* a stored outer row */
	TupleTableSlot *inner_slot; /* a stored remote row */
	struct NeonBindBatch *batch;	/* in hand, NULL: none */
	struct NeonBindBatch *ahead;	/* the next, on its way */
	bool		outer_done;		/* the outer plan has no more rows */
	bool		is_only_batch;	/* batch holds all outer rows of this scan */
	bool		probing;		/* an outer row is in hand */
	bool		matched;		/* the outer row has met a row that fits */
	NeonBindRow *candidate;		/* next remote row for it to meet, if any */
} NeonBindState;

#endif							/* NEON_BIND_JOIN_STATE_H */
