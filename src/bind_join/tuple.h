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
	Oid			table;			/* its OID */
	Relids		outer;			/* relations of the outer side */
	List	   *outer_tlist;	/* of the outer plan */

	List	   *outer_exprs;	/* leading columns of the tuple */
	List	   *outer_sources;	/* integers, see NEON_BIND_OUTER_SOURCES */
	List	   *inner_exprs;	/* the others */
	List	   *inner_sources;	/* integers, see NEON_BIND_INNER_SOURCES */
	List	   *columns;		/* integers, see NEON_BIND_COLUMNS */
	List	   *computed;		/* expressions of remote columns */
} NeonBindTuple;

/*
 * Adds what the expressions need.  Begin with what the plan node is to
 * return: above an outer join a column may carry marks of the joins that it
 * passed, and there must be one column of the tuple for all uses of it.
 */
extern void neon_bind_tuple_add(NeonBindTuple *tuple, List *exprs);

/*
 * Returns copies of expressions that refer to the columns as the tuple has
 * them.  With remote, they are about a remote row by itself: parts that are
 * among NEON_BIND_COMPUTED are spelled out.
 */
extern List *neon_bind_tuple_settle(NeonBindTuple *tuple, List *exprs,
									bool remote);

/* The tuple as a target list. */
extern List *neon_bind_tuple_tlist(NeonBindTuple *tuple);

#endif							/* NEON_BIND_JOIN_TUPLE_H */
