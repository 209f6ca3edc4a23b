/*-------------------------------------------------------------------------
 *
 * ship/expression.h
 *		May this expression run on the remote, and which parts of it are
 *		values that are computed here?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SHIP_EXPRESSION_H
#define NEON_SHIP_EXPRESSION_H

#include "nodes/pathnodes.h"

#include "option/remote_columns.h"

/*
 * Against what an expression is judged.  One context serves one server; it
 * is filled by the planner side and only read here.
 */
typedef struct NeonShipContext
{
	List	   *extensions;		/* OIDs of extensions known on both sides */
	Relids		relids;			/* the relations whose columns are remote */
	int			ncolumns;		/* length of columns */
	NeonRemoteColumns **columns;	/* by range table index, NULL elsewhere */
	Index		excluded;		/* that of ON CONFLICT, if among them, else 0 */
	List	   *types;			/* NeonRemoteType of all these relations */
	bool		aggregates;		/* aggregates may be part of it */

	/*
	 * While a whole Query is judged, all its columns are remote; this is the
	 * stack of queries that we are in, innermost first (see
	 * ship/query.h).  relids and columns are not used then.
	 */
	List	   *queries;
	List	   *tables;			/* NeonRemoteTable of all foreign tables in it */
} NeonShipContext;

/*
 * True if expr gives the same result there as here.  Subtrees that are
 * values of the local session (neon_is_local_value) count as parameters and
 * may be anything that is not volatile.
 */
extern bool neon_is_shippable(NeonShipContext *ship, Expr *expr);

/* True if the operators that sort or group by it may run remotely. */
extern bool neon_is_sort_shippable(NeonShipContext *ship,
								   SortGroupClause *clause);

#endif							/* NEON_SHIP_EXPRESSION_H */
