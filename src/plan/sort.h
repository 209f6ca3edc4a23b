/*-------------------------------------------------------------------------
 *
 * plan/sort.h
 *		Sorting on the remote.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_SORT_H
#define NEON_PLAN_SORT_H

#include "plan/rel.h"

/*
 * NeonSortKeys of an ORDER BY clause (SortGroupClauses that refer to tlist);
 * *possible says if the remote can do that.
 */
extern List *neon_sort_by_clauses(NeonRelInfo *info, List *clauses,
								  List *tlist, bool *possible);

/*
 * NeonSortKeys that make the rows of a base or join relation come in the
 * order of pathkeys, NIL if the remote cannot do that, or if its order could
 * differ from the local one: nodes above rely on it.
 */
extern List *neon_sort_by_pathkeys(PlannerInfo *root, RelOptInfo *rel,
								   NeonRelInfo *info, List *pathkeys);

/*
 * Adds paths for a base or join relation whose rows come as the query wants
 * them in the end, or as a merge join needs them.  Its info is complete.
 */
extern void neon_add_sorted_paths(PlannerInfo *root, RelOptInfo *rel,
								  NeonRelInfo *info);

/* True if both sides are sure to sort alike by these SortGroupClauses. */
extern bool neon_sorts_alike(List *clauses, List *tlist);

#endif							/* NEON_PLAN_SORT_H */
