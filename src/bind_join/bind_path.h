/*-------------------------------------------------------------------------
 *
 * bind_join/bind_path.h
 *		The path of a bind join.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_BIND_JOIN_BIND_PATH_H
#define NEON_BIND_JOIN_BIND_PATH_H

#include "nodes/pathnodes.h"

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

#endif							/* NEON_BIND_JOIN_BIND_PATH_H */
