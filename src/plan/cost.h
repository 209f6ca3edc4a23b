/*-------------------------------------------------------------------------
 *
 * plan/cost.h
 *		What remote work and its result cost.
 *
 * Nothing arrives before the remote has run the whole statement, so its cost
 * is startup cost.  The run cost is that of the transfer and the local checks.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_COST_H
#define NEON_PLAN_COST_H

#include "plan/rel_info.h"

/*
 * Costs of a path that runs the statement of info; its rows and cost are set.
 */
extern void neon_path_cost(NeonRelInfo *info, Cost *startup, Cost *total);

/*
 * Costs of remote work: a join that yields so many rows, a sort and a grouping
 * that read so many.  limit is the number of rows wanted, -1: all.
 */
extern Cost neon_join_cost(NeonRelInfo *outer, NeonRelInfo *inner,
						   List *clauses, double rows);
extern Cost neon_sort_cost(double rows, double limit);
extern Cost neon_group_cost(double rows, int ncolumns, double groups);

/*
 * Are so many bytes of values likely to fit into one reply of the endpoint?
 * Of the limit that is taken for an unknown one, see http/connection.h.
 */
extern bool neon_fits_reply(Oid umid, double bytes, int64 unknown);

/*
 * The same of the rows of a relation.  A statement that does not scan a single
 * table fails if its rows do not fit.
 */
extern bool neon_rel_fits_reply(RelOptInfo *rel, double rows, int width);

#endif							/* NEON_PLAN_COST_H */
