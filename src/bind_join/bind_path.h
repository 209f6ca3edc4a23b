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

/* An equality between the sides, by whose outer values rows are asked for. */
typedef struct NeonBindKey
{
	RestrictInfo *rinfo;
	Expr	   *outer;			/* computed here */
	Expr	   *inner;			/* of remote columns */
	Oid			operator;		/* of the clause, hashable */
	bool		outer_is_left;	/* outer is the operator's left operand */
	Oid			collation;		/* input collation of the operator */
	Oid			array_type;		/* array of outer's type */
} NeonBindKey;

typedef struct NeonBindPath
{
	CustomPath	path;			/* its only child is the outer path */
	RelOptInfo *inner;			/* the foreign table */
	JoinType	jointype;		/* INNER, LEFT, SEMI or ANTI */
	bool		single_match;	/* no outer row meets a second inner row */
	List	   *clauses;		/* RestrictInfos, those of the keys among them */
	List	   *keys;			/* NeonBindKeys, at least one */
	int			first_batch;	/* keys in the first batch */
} NeonBindPath;

#endif							/* NEON_BIND_JOIN_BIND_PATH_H */
