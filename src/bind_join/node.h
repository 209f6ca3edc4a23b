/*-------------------------------------------------------------------------
 *
 * bind_join/node.h
 *		What the plan node of a bind join hands to its execution.
 *
 * The node's tuples hold first the columns that come from its outer plan, then
 * those that come from the remote row.  All expressions of the node refer to
 * these tuples.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_BIND_JOIN_NODE_H
#define NEON_BIND_JOIN_NODE_H

/* The node's name, as EXPLAIN shows it. */
#define NEON_BIND_NAME	"Neon Bind Join"

/* Items of CustomScan.custom_exprs, each a List. */
enum NeonBindExprs
{
	NEON_BIND_PARAMS,			/* parameters of the remote statement, without
								 * those for keys */
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
	NEON_BIND_OUTER_SOURCES,	/* integer List: by column from the outer
								 * plan, its number in that plan's target list */
	NEON_BIND_INNER_SOURCES,	/* integer List: by column from the remote
								 * row, its number in NEON_BIND_COLUMNS (from
								 * 1), 0: it is the next expression of
								 * NEON_BIND_COMPUTED */
	NEON_BIND_PARAM_KEYS,		/* integer List: by $n, the number (from 0) of
								 * the key whose values it stands for, -1: it
								 * is the next expression of NEON_BIND_PARAMS */
	NEON_BIND_KEY_PARAMS,		/* integer List: by key, the executor
								 * parameter that holds its values */
	NEON_BIND_KEY_SIDES,		/* integer List: by key, 1 if the outer side
								 * is the left operand */
	NEON_BIND_KEY_OPERATORS,	/* OID List: by key */
	NEON_BIND_KEY_COLLATIONS,	/* OID List: by key */
	NEON_BIND_KEY_ARRAYS,		/* OID List: by key, its array type */
	NEON_BIND_OIDS,				/* OID List, see below */
	NEON_BIND_FLAGS				/* integer List, see below */
};

/* Items of NEON_BIND_OIDS. */
enum NeonBindOids
{
	NEON_BIND_SERVER,
	NEON_BIND_USER,				/* to read as, InvalidOid: the current one */
	NEON_BIND_TABLE				/* the foreign table */
};

/* Items of NEON_BIND_FLAGS. */
enum NeonBindFlags
{
	NEON_BIND_JOINTYPE,
	NEON_BIND_SINGLE_MATCH,		/* no outer row meets a second remote row */
	NEON_BIND_FIRST,			/* keys in the first batch */
	NEON_BIND_EAGER				/* all rows will be wanted */
};

#endif							/* NEON_BIND_JOIN_NODE_H */
