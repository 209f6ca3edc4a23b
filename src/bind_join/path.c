/*-------------------------------------------------------------------------
 *
 * bind_join/path.c
 *		Joins of any rows to the rows of a foreign table, by its keys.
 *
 * The planner's hook for joins offers a bind join wherever the inner side is a
 * foreign table and an equality with the outer side can be checked remotely.
 * Its cost decides if it is used.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "foreign/fdwapi.h"
#include "nodes/extensible.h"
#include "optimizer/cost.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"

#include "bind_join/bind_path.h"
#include "bind_join/clause.h"
#include "bind_join/cost.h"
#include "bind_join/exec.h"
#include "bind_join/node.h"
#include "bind_join/path.h"
#include "bind_join/plan.h"
#include "compat/compat.h"
#include "compat/planner.h"
#include "option/own.h"
#include "plan/nested_loop.h"
#include "plan/rel_info.h"

bool		neon_bind_join = true;

static set_join_pathlist_hook_type prev_join_hook = NULL;

static const CustomPathMethods bind_path_methods = {
	.CustomName = NEON_BIND_NAME,
	.PlanCustomPath = neon_bind_plan
};

/*
 * Can a bind join read the relation?  Of the system columns it can only return
 * ctid and tableoid.
 */
static bool
is_bindable(RelOptInfo *inner)
{
	NeonRelInfo *info = inner->fdw_private;
	int			attnum;

	/* A relation that is known to be empty has no info. */
	if (inner->reloptkind != RELOPT_BASEREL || inner->fdwroutine == NULL ||
		info == NULL ||
		!neon_is_own_routine(inner->fdwroutine) ||
		!bms_is_empty(inner->lateral_relids))
		return false;
	for (attnum = FirstLowInvalidHeapAttributeNumber + 1; attnum < 0; attnum++)
	{
		if (attnum != SelfItemPointerAttributeNumber &&
			attnum != TableOidAttributeNumber &&
			bms_is_member(attnum - FirstLowInvalidHeapAttributeNumber,
						  info->attrs_used))
			return false;
	}
	return true;
}

/*
 * May single rows have to be joined again (EvalPlanQual), because another
 * transaction has changed a row that the query locks or writes?  A bind join
 * cannot do that.
 */
static bool
is_recheckable(PlannerInfo *root)
{
	return root->rowMarks != NIL ||
		(root->parse->commandType != CMD_SELECT &&
		 root->parse->commandType != CMD_INSERT);
}

/* What all bind joins of one pair of relations have in common. */
typedef struct BindJoin
{
	RelOptInfo *joinrel;
	RelOptInfo *inner;
	JoinType	jointype;
	List	   *keys;
	JoinPathExtraData *extra;
} BindJoin;

/*
 * The parameters that a path with this outer side needs; false if there can be
 * no such path.
 */
static bool
path_parameters(BindJoin *join, Path *outer, Path *inner, Relids *required)
{
	if (bms_overlap(PATH_REQ_OUTER(outer), join->inner->relids))
		return false;
	*required = calc_non_nestloop_required_outer(outer, inner);
	if (!bms_is_subset(join->joinrel->lateral_relids, *required))
		return false;
	if (bms_is_empty(*required))
		return true;

	/*
	 * For a partition-wise join PostgreSQL translates paths with parameters
	 * to another partition, which it cannot do with the keys.
	 */
	return bms_overlap(*required, join->extra->param_source_rels) &&
		!enable_partitionwise_join;
}

static void
add_bind_path(PlannerInfo *root, BindJoin *join, Path *outer)
{
	Path	   *inner = join->inner->cheapest_total_path;
	NeonBindPath *bind;
	Path	   *path;
	Relids		required;
	List	   *clauses = join->extra->restrictlist;

	if (!path_parameters(join, outer, inner, &required))
		return;

	bind = palloc0(sizeof(NeonBindPath));
	path = &bind->path.path;
	path->type = T_CustomPath;
	path->pathtype = T_CustomScan;
	path->parent = join->joinrel;
	path->pathtarget = join->joinrel->reltarget;
	path->param_info = get_joinrel_parampathinfo(root, join->joinrel, outer,
												 inner, join->extra->sjinfo,
												 required, &clauses);
	path->rows = path->param_info ? path->param_info->ppi_rows :
		join->joinrel->rows;
	neon_path_copy_disabled(path, outer);
	bind->path.flags = CUSTOMPATH_SUPPORT_PROJECTION;
	bind->path.custom_paths = list_make1(outer);
	bind->path.methods = &bind_path_methods;
	bind->inner = join->inner;
	bind->jointype = join->jointype;
	bind->single_match = join->extra->inner_unique ||
		join->jointype == JOIN_SEMI;
	bind->clauses = clauses;
	bind->keys = join->keys;
	neon_bind_cost(root, bind, outer);
	add_path(join->joinrel, path);
}

static void
add_bind_joins(PlannerInfo *root, RelOptInfo *joinrel, RelOptInfo *outerrel,
			   RelOptInfo *innerrel, JoinType jointype,
			   JoinPathExtraData *extra)
{
	BindJoin	join = {joinrel, innerrel, jointype, NIL, extra};
	Path	   *total = outerrel->cheapest_total_path;
	Path	   *startup = outerrel->cheapest_startup_path;
	ListCell   *lc;

	if (jointype == JOIN_UNIQUE_OUTER)
	{
		total = neon_unique_path(root, outerrel, total, extra->sjinfo);
		startup = NULL;
		join.jointype = JOIN_INNER;
		if (total == NULL)
			return;
	}
	join.keys = neon_bind_join_keys(joinrel, outerrel, innerrel,
									join.jointype, extra->restrictlist);
	if (join.keys == NIL)
		return;

	add_bind_path(root, &join, total);
	if (startup != NULL && startup != total)
		add_bind_path(root, &join, startup);
	if (jointype == JOIN_UNIQUE_OUTER)
		return;
	foreach(lc, outerrel->cheapest_parameterized_paths)
	{
		if (lfirst(lc) != total && lfirst(lc) != startup)
			add_bind_path(root, &join, lfirst(lc));
	}
}

static void
join_pathlist_hook(PlannerInfo *root, RelOptInfo *joinrel,
				   RelOptInfo *outerrel, RelOptInfo *innerrel,
				   JoinType jointype, JoinPathExtraData *extra)
{
	if (prev_join_hook != NULL)
		prev_join_hook(root, joinrel, outerrel, innerrel, jointype, extra);

	neon_keep_loop_inner(joinrel, is_recheckable(root));
	if (!neon_bind_join || neon_is_grouped_rel(joinrel) ||
		!is_bindable(innerrel) || is_recheckable(root))
		return;
	switch (jointype)
	{
		case JOIN_INNER:
		case JOIN_LEFT:
		case JOIN_SEMI:
		case JOIN_ANTI:
		case JOIN_UNIQUE_OUTER:
			add_bind_joins(root, joinrel, outerrel, innerrel, jointype,
						   extra);
			break;
		default:
			break;
	}
}

void
neon_bind_join_init(void)
{
	neon_bind_exec_init();
	prev_join_hook = set_join_pathlist_hook;
	set_join_pathlist_hook = join_pathlist_hook;
}
