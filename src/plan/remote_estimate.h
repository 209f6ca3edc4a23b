/*-------------------------------------------------------------------------
 *
 * plan/remote_estimate.h
 *		What the remote's planner expects of statements.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_REMOTE_ESTIMATE_H
#define NEON_PLAN_REMOTE_ESTIMATE_H

#include "foreign/foreign.h"
#include "nodes/pathnodes.h"

#include "deparse/deparse.h"

typedef struct NeonRemoteEstimate
{
	double		rows;
	int			width;			/* in bytes, of a row */
	Cost		cost;			/* of all rows */
} NeonRemoteEstimate;

/*
 * Has the remote EXPLAIN all statements (NeonRemoteSql) of a list in one
 * request, and returns an array of its estimates.  The values of parameters
 * are sent if they are known while planning; the remote's plan is one for any
 * value of the others.
 */
extern NeonRemoteEstimate *neon_remote_estimate(PlannerInfo *root,
												UserMapping *user,
												List *statements);

#endif							/* NEON_PLAN_REMOTE_ESTIMATE_H */
