/*-------------------------------------------------------------------------
 *
 * bind_join/plan.h
 *		The plan node of a bind join.
 *
 * The node's tuples hold first what comes from its outer plan, then what
 * comes from the remote row; all its expressions refer to them.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_BIND_JOIN_PLAN_H
#define NEON_BIND_JOIN_PLAN_H

#include "nodes/pathnodes.h"
#include "nodes/plannodes.h"

/* The node's name, as EXPLAIN shows it. */
#define NEON_BIND_NAME	"Neon Bind Join"

/* Items of CustomScan.custom_exprs, each a List. */
enum NeonBindExprs
{
	NEON_BIND_PARAMS,			/* parameters of the remote statement, but for
								 * the keys */
	NEON_BIND_OUTER_KEYS,
	NEON_BIND_INNER_KEYS,
	NEON_BIND_FILTER,			/* on remote rows, before they are joined */
	NEON_BIND_JOIN,				/* join conditions, the keys' among them */
	NEON_BIND_COMPUTED			/* what is made of a remote row's columns */
};

/* Items of CustomScan.custom_private. */
enum NeonBindPrivate
{
	NEON_BIND_SQL,				/* String: the remote statement */
	NEON_BIND_COLUMNS,			/* integer List: attribute numbers of its
								 * result */
	NEON_BIND_OUTER_SOURCES,	/* integer List: which column of the outer
								 * plan each leading tuple column is */
	NEON_BIND_INNER_SOURCES,	/* integer List: which column of the result
								 * (from 1) each of the others is, 0: the next
								 * of NEON_BIND_COMPUTED */
	NEON_BIND_PARAM_KEYS,		/* integer List: for each $n which key's values
								 * (from 0) it is, -1: the next of
								 * NEON_BIND_PARAMS */
	NEON_BIND_KEY_PARAMS,		/* integer List: by key, the internal
								 * parameter through which its values go */
	NEON_BIND_KEY_SIDES,		/* integer List: by key, outer is left */
	NEON_BIND_KEY_OPERATORS,	/* OID List: by key */
	NEON_BIND_KEY_COLLATIONS,	/* OID List: by key */
	NEON_BIND_KEY_ARRAYS,		/* OID List: by key, its array type */
	NEON_BIND_OIDS,				/* OID List: server, user to check as, table */
	NEON_BIND_FLAGS				/* integer List: as below */
};

enum NeonBindFlags
{
	NEON_BIND_JOINTYPE,
	NEON_BIND_SINGLE_MATCH,
	NEON_BIND_FIRST,			/* keys in the first batch */
	NEON_BIND_EAGER				/* all rows will be wanted */
};

/* CustomPathMethods.PlanCustomPath */
extern Plan *neon_bind_plan(PlannerInfo *root, RelOptInfo *rel,
							CustomPath *best_path, List *tlist,
							List *clauses, List *custom_plans);

#endif							/* NEON_BIND_JOIN_PLAN_H */
