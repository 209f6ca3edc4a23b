/*-------------------------------------------------------------------------
 *
 * bind_join/exec.h
 *		Execution of a bind join.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_BIND_JOIN_EXEC_H
#define NEON_BIND_JOIN_EXEC_H

#include "foreign/foreign.h"
#include "nodes/execnodes.h"
#include "nodes/extensible.h"

#include "bind_join/key.h"
#include "deparse/params.h"
#include "scan/row.h"
#include "transaction/transaction.h"

struct NeonBindBatch;
struct NeonBindRow;

typedef struct NeonBindState
{
	CustomScanState css;

	/* from the plan */
	const char *sql;
	List	   *private;		/* custom_private */
	JoinType	jointype;
	bool		single_match;
	bool		eager;			/* all rows will be wanted */
	int			nouter;			/* leading columns of the tuple */
	int		   *outer_sources;
	int			ninner;			/* the others */
	int		   *inner_sources;
	NeonBindKeys *keys;

	/* expressions */
	ExprState  *filter;
	ExprState  *join;
	int			ncomputed;
	ExprState **computed;

	/* asking */
	UserMapping *user;
	NeonParams *params;
	NeonStats	stats;
	int			limit;			/* keys of the next batch */
	double		reply_bytes;	/* that its reply should not exceed */
	int64		nbatches;		/* asked for so far */
	int64		nkeys;			/* in these */

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
	bool		probing;		/* an outer row is in hand */
	bool		matched;		/* and has met one that fits */
	uint32		hash;			/* of its keys */
	struct NeonBindRow *candidate;	/* next remote row to meet it, if any */
} NeonBindState;

extern const CustomScanMethods neon_bind_scan_methods;

/* Registers the plan node. */
extern void neon_bind_exec_init(void);

#endif							/* NEON_BIND_JOIN_EXEC_H */
