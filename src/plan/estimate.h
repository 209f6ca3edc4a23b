/*-------------------------------------------------------------------------
 *
 * plan/estimate.h
 *		Rows and costs of remote statements as the remote's planner sees them
 *		(option use_remote_estimate).
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_ESTIMATE_H
#define NEON_PLAN_ESTIMATE_H

#include "plan/rel_info.h"

/* What a foreign table's scan needs from other relations in any case. */
extern ParamPathInfo *neon_lateral_parameters(PlannerInfo *root,
											  RelOptInfo *rel);

/*
 * Asks, in one request, for the scans of a foreign table: the plain one, and
 * one for each ParamPathInfo of the list.  Sets the rows that relation and
 * parameterizations have.
 */
extern void neon_estimate_scans(PlannerInfo *root, RelOptInfo *rel,
								List *param_infos);

/*
 * Sets rows and remote cost of a scan to what the remote said, if it was
 * asked.
 */
extern void neon_use_scan_estimate(NeonRelInfo *scan,
								   ParamPathInfo *param_info);

/*
 * If the remote is to be asked, sets rows and remote cost of what is above
 * foreign tables, and *rows to what is left of them after the conditions that
 * are checked here.  exprs are computed of it here.
 */
extern void neon_estimate_above(PlannerInfo *root, RelOptInfo *rel,
								NeonRelInfo *info, List *exprs, double *rows);

#endif							/* NEON_PLAN_ESTIMATE_H */
