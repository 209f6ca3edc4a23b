/*-------------------------------------------------------------------------
 *
 * bind_join/tuple.h
 *		Where the columns of a bind join's tuples come from.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_BIND_JOIN_TUPLE_H
#define NEON_BIND_JOIN_TUPLE_H

#include "nodes/pathnodes.h"

typedef struct NeonBindTuple
{
	RelOptInfo *inner;
	Oid			table;			/* OID of inner's table */
	Relids		outer;			/* relations of the outer side */
	List	   *outer_tlist;	/* target list of the outer plan */

	List	   *outer_exprs;	/* columns that come from the outer plan */
	List	   *outer_sources;	/* integers, see NEON_BIND_OUTER_SOURCES */
	List	   *inner_exprs;	/* columns that come from the remote row */
	List	   *inner_sources;	/* integers, see NEON_BIND_INNER_SOURCES */
	List	   *columns;		/* integers, see NEON_BIND_COLUMNS */
	List	   *computed;		/* expressions of remote columns */
} NeonBindTuple;

/*
 * Adds the columns that the expressions need.  The first call is to be for
 * what the plan node returns.  Above an outer join a Var may carry marks of
 * the joins that it has passed, and all uses of a column must refer to one
 * column of the tuple, which keeps the marks of the first use.
 */
extern void neon_bind_tuple_add(NeonBindTuple *tuple, List *exprs);

/*
 * Returns copies of expressions in which all uses of a column look as the
 * tuple's column does.  With remote, the expressions are evaluated on a remote
 * row before NEON_BIND_COMPUTED is: what that computes is written out in them.
 */
extern List *neon_bind_tuple_settle(NeonBindTuple *tuple, List *exprs,
									bool remote);

/* The tuple as a target list. */
extern List *neon_bind_tuple_tlist(NeonBindTuple *tuple);

#endif							/* NEON_BIND_JOIN_TUPLE_H */
