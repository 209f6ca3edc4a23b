/*-------------------------------------------------------------------------
 *
 * plan/partial.h
 *		Aggregates of partitions, which are combined here.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_PARTIAL_H
#define NEON_PLAN_PARTIAL_H

#include "nodes/primnodes.h"

/*
 * The expression by which the remote computes the state that a partial
 * aggregate returns: PostgreSQL combines such states, and computes the result
 * from them.  NULL if there is none.
 */
extern Node *neon_partial_state(Aggref *aggregate);

#endif							/* NEON_PLAN_PARTIAL_H */
