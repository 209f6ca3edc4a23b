/*-------------------------------------------------------------------------
 *
 * bind_join/cost.h
 *		Costs of a bind join.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_BIND_JOIN_COST_H
#define NEON_BIND_JOIN_COST_H

#include "bind_join/bind_path.h"

/* Sets costs and first_batch of a path. */
extern void neon_bind_cost(PlannerInfo *root, NeonBindPath *bind,
						   Path *outer);

#endif							/* NEON_BIND_JOIN_COST_H */
