/*-------------------------------------------------------------------------
 *
 * plan/cost.h
 *		What remote work and its result cost.
 *
 * Nothing arrives before the remote has run the whole statement, so all of
 * that is startup cost; the run cost is the transfer and the local checks.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_COST_H
#define NEON_PLAN_COST_H

#include "plan/rel_info.h"

/* Of a path that runs the statement of info, which rows and cost are set of. */
extern void neon_path_cost(NeonRelInfo *info, Cost *startup, Cost *total);

/* Of remote work; rows are what it reads or yields. */
extern Cost neon_join_cost(NeonRelInfo *outer, NeonRelInfo *inner,
						   List *clauses, double rows);
extern Cost neon_sort_cost(double rows, double limit);
extern Cost neon_group_cost(double rows, int ncolumns, double groups);

/*
 * True if so many rows fit into one reply, as far as can be known: statements
 * other than the scan of a table fail if they do not.
 */
extern bool neon_fits_reply(double rows, int width);

#endif							/* NEON_PLAN_COST_H */
