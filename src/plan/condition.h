/*-------------------------------------------------------------------------
 *
 * plan/condition.h
 *		Conditions on foreign tables: which of them run remotely, and which fix
 *		a key.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_CONDITION_H
#define NEON_PLAN_CONDITION_H

#include "plan/rel_info.h"

/* True if a condition on a foreign table may run remotely. */
extern bool neon_may_check_remotely(RelOptInfo *rel, RestrictInfo *rinfo);

/*
 * True if the clauses (RestrictInfos) fix every key column of a foreign table,
 * so that at most one of its rows fits.
 */
extern bool neon_is_key_lookup(RelOptInfo *rel, List *clauses);

#endif							/* NEON_PLAN_CONDITION_H */
