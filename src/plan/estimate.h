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

/*
 * The parameterization that any scan of a foreign table has because of lateral
 * references; NULL if there are none.
 */
extern ParamPathInfo *neon_lateral_parameters(PlannerInfo *root,
											  RelOptInfo *rel);

/*
 * Has the remote estimate the scans of a foreign table in one request: the
 * plain scan, and one for each ParamPathInfo of the list.  Sets the rows of
 * the relation and of the ParamPathInfos.
 */
extern void neon_estimate_scans(PlannerInfo *root, RelOptInfo *rel,
								List *param_infos);

/*
 * Sets rows and remote cost of a scan to the remote's estimate, if there is
 * one.
 */
extern void neon_use_scan_estimate(NeonRelInfo *scan,
								   ParamPathInfo *param_info);

/*
 * If the remote is to be asked, sets rows and remote cost of a join or an
 * upper relation to the remote's estimates, and *rows to what is left after
 * the conditions that are checked here.  exprs are the expressions that the
 * relation returns.
 */
extern void neon_estimate_above(PlannerInfo *root, RelOptInfo *rel,
								NeonRelInfo *info, List *exprs, double *rows);

#endif							/* NEON_PLAN_ESTIMATE_H */
