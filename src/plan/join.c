/*-------------------------------------------------------------------------
 *
 * plan/join.c
 *		Joins of foreign tables of one server.
 *
 * The remote plans the order of its joins by itself, so that one path for
 * each set of relations is enough.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "foreign/fdwapi.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"

#include "compat/compat.h"
#include "compat/planner.h"
#include "plan/cost.h"
#include "plan/estimate.h"
#include "plan/input.h"
#include "plan/join.h"
#include "plan/join_info.h"
#include "plan/row_lock.h"
#include "plan/sort.h"

static void
estimate_join(NeonJoin *join)
{
	NeonRelInfo *info = join->info;
	Selectivity local = clauselist_selectivity(join->root, info->local_exprs,
											   0, JOIN_INNER, NULL);

	cost_qual_eval(&info->local_cost, info->local_exprs, join->root);
	info->rows = clamp_row_est(join->joinrel->rows / Max(local, 0.0001));
	info->remote_cost = neon_join_cost(join->outer, join->inner, join->on,
									   info->rows);
	neon_estimate_above(join->root, join->joinrel, info,
						join->joinrel->reltarget->exprs, &join->joinrel->rows);
}

static void
add_join_paths(NeonJoin *join, Path *local_path)
{
	NeonRelInfo *info = join->info;
	Cost		startup;
	Cost		total;

	if (!neon_rel_fits_reply(join->joinrel, info->rows,
							 join->joinrel->reltarget->width))
		return;
	neon_path_cost(info, &startup, &total);
	add_path(join->joinrel, (Path *)
			 neon_create_foreign_join_path(join->root, join->joinrel,
										   join->joinrel->rows, startup, total,
										   NIL, local_path));
	if (local_path == NULL)
		neon_add_sorted_paths(join->root, join->joinrel, info);
}

void
neonGetForeignJoinPaths(PlannerInfo *root, RelOptInfo *joinrel,
						RelOptInfo *outerrel, RelOptInfo *innerrel,
						JoinType jointype, JoinPathExtraData *extra)
{
	NeonJoin	join = {root, joinrel, innerrel, jointype,
	extra->restrictlist};
	bool		full = jointype == JOIN_FULL;
	Path	   *local_path = NULL;

	/*
	 * PostgreSQL offers a join of any other type also with its sides swapped,
	 * as one of these.
	 */
	if (jointype != JOIN_INNER && jointype != JOIN_LEFT && !full &&
		jointype != JOIN_SEMI && jointype != JOIN_ANTI)
		return;
	/* Aggregates run remotely above all joins only (plan/group.c). */
	if (neon_is_grouped_rel(joinrel))
		return;
	/* The first order of the relations is as good as any other. */
	if (joinrel->fdw_private != NULL || !bms_is_empty(joinrel->lateral_relids))
		return;

	join.outer = neon_join_input(root, outerrel, full);
	join.inner = neon_join_input(root, innerrel, full);
	if (join.outer == NULL || join.inner == NULL)
		return;
	if (neon_lock_rechecks(root))
	{
		/*
		 * If a locked local row has changed, EvalPlanQual forms the joined
		 * row again with a local plan.  This plan does not return the columns
		 * that local conditions of either side need.
		 */
		if (join.outer->local_exprs != NIL || join.inner->local_exprs != NIL)
			return;
		local_path = GetExistingLocalJoinPath(joinrel);
		if (local_path == NULL)
			return;
	}
	if (!neon_make_join(&join))
		return;
	estimate_join(&join);
	joinrel->fdw_private = join.info;
	add_join_paths(&join, local_path);
}
