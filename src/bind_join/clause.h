/*-------------------------------------------------------------------------
 *
 * bind_join/clause.h
 *		From the clauses of a join to the keys by which rows are asked for.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_BIND_JOIN_CLAUSE_H
#define NEON_BIND_JOIN_CLAUSE_H

#include "bind_join/bind_path.h"

/*
 * The keys (NeonBindKeys) that the clauses (RestrictInfos) of a join give, NIL
 * if they give none.
 */
extern List *neon_bind_join_keys(RelOptInfo *joinrel, RelOptInfo *outer,
								 RelOptInfo *inner, JoinType jointype,
								 List *clauses);

/*
 * The condition that the remote checks for a key: "inner op ANY (array)", or
 * "inner op value" if value is not an array but one of its elements.
 */
extern Expr *neon_bind_key_condition(NeonBindKey *key, Expr *value);

#endif							/* NEON_BIND_JOIN_CLAUSE_H */
