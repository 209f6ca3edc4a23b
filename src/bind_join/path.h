/*-------------------------------------------------------------------------
 *
 * bind_join/path.h
 *		Joins of any rows to the rows of a foreign table, by its keys.
 *
 * A bind join asks the remote for the rows that match the keys of a batch of
 * outer rows, instead of for one outer row after the other, or for all rows.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_BIND_JOIN_PATH_H
#define NEON_BIND_JOIN_PATH_H

#include "nodes/pathnodes.h"

/* GUC neon_http_fdw.bind_join */
extern bool neon_bind_join;

/* Installs the planner's hook and registers the plan node. */
extern void neon_bind_join_init(void);

/* One equality between the sides, by which rows are asked for. */
typedef struct NeonBindKey
{
	RestrictInfo *rinfo;
	Expr	   *outer;			/* computed here */
	Expr	   *inner;			/* of remote columns */
	Oid			operator;		/* of the clause, hashable */
	bool		outer_is_left;	/* operand of it */
	Oid			collation;		/* that it works under */
	Oid			array_type;		/* of outer's type */
} NeonBindKey;

typedef struct NeonBindPath
{
	CustomPath	path;			/* its only child is the outer path */
	RelOptInfo *inner;			/* a foreign table of ours */
	JoinType	jointype;		/* INNER, LEFT, SEMI or ANTI */
	bool		single_match;	/* at most one inner row fits, or counts */
	List	   *clauses;		/* RestrictInfos, the keys' among them */
	List	   *keys;			/* NeonBindKey, at least one */
	int			first_batch;	/* keys to ask for at first */
} NeonBindPath;

/* "inner op ANY (array)", or "inner op array" for one of its elements. */
extern Expr *neon_bind_key_condition(NeonBindKey *key, Expr *array);

#endif							/* NEON_BIND_JOIN_PATH_H */
