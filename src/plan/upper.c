/*-------------------------------------------------------------------------
 *
 * plan/upper.c
 *		Paths of upper relations: groups, DISTINCT, ORDER BY, LIMIT.
 *
 * PostgreSQL asks for paths stage by stage, in the order of SQL's clauses.
 * Each stage that the remote can do adds its clause to the statement of the
 * stage before.  If one stage runs here, so do all later ones.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/nodeFuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/paramassign.h"
#include "optimizer/pathnode.h"

#include "compat/compat.h"
#include "plan/cost.h"
#include "plan/estimate.h"
#include "plan/group.h"
#include "plan/row_lock.h"
#include "plan/sort.h"
#include "plan/upper.h"
#include "ship/local_value.h"

/* A difference in cost below this part is ignored, as add_path() does. */
#define COST_FUZZ	0.01

/*
 * Removes the paths that cost more than the new one.  Where the request makes
 * up most of the cost, the difference is small, and add_path() would keep such
 * a path instead of the new one if it happens to be sorted.
 */
static void
remove_dearer_paths(RelOptInfo *rel, Cost startup, Cost total)
{
	List	   *paths = NIL;
	ListCell   *lc;

	foreach(lc, rel->pathlist)
	{
		Path	   *path = lfirst(lc);

		if (path->total_cost <= total ||
			path->startup_cost < startup * (1 - COST_FUZZ))
			paths = lappend(paths, path);
	}
	rel->pathlist = paths;
}

/*
 * Puts the node that locks rows above a remote LIMIT.  PostgreSQL locks below
 * its own LIMIT, but locking a foreign row never drops it, so the rows are the
 * same ones.
 */
static Path *
lock_rows(PlannerInfo *root, RelOptInfo *rel, Path *path)
{
	return (Path *) create_lockrows_path(root, rel, path, root->rowMarks,
										 assign_special_exec_param(root));
}

/* Adds the path of a relation whose info is complete. */
static void
add_upper_path(PlannerInfo *root, RelOptInfo *rel, NeonRelInfo *info,
			   PathTarget *target, double rows, List *pathkeys)
{
	Cost		startup;
	Cost		total;
	Path	   *path;

	rel->fdw_private = info;
	if (!neon_rel_fits_reply(rel, info->rows, target->width))
		return;
	neon_path_cost(info, &startup, &total);
	remove_dearer_paths(rel, startup, total);
	path = (Path *) neon_create_foreign_upper_path(root, rel, target, rows,
												   startup, total, pathkeys);
	if ((info->select->count != NULL || info->select->offset != NULL) &&
		root->parse->rowMarks != NIL)
		path = lock_rows(root, rel, path);
	add_path(rel, path);
}

/* The rows that PostgreSQL expects, by its own paths. */
static double
estimated_rows(RelOptInfo *rel)
{
	return rel->pathlist != NIL ?
		((Path *) linitial(rel->pathlist))->rows : 1;
}

static void
add_group_path(PlannerInfo *root, NeonRelInfo *input, RelOptInfo *rel,
			   List *having)
{
	double		rows = estimated_rows(rel);
	NeonRelInfo *info = neon_group_info(root, input, rel->reltarget,
										having, rows);

	if (info == NULL)
		return;
	neon_estimate_above(root, rel, info, rel->reltarget->exprs, &rows);
	add_upper_path(root, rel, info, rel->reltarget, rows, NIL);
}

static void
add_distinct_path(PlannerInfo *root, NeonRelInfo *input, RelOptInfo *rel)
{
	PathTarget *target = root->upper_targets[UPPERREL_DISTINCT];
	double		rows = estimated_rows(rel);
	NeonRelInfo *info = neon_distinct_info(root, input, target, rows);

	if (info == NULL)
		return;
	neon_estimate_above(root, rel, info, target->exprs, &rows);
	add_upper_path(root, rel, info, target, rows, NIL);
}

/*
 * Can the statement return what target needs?  A grouped statement returns all
 * columns that it has.
 */
static bool
can_yield(NeonRelInfo *info, PathTarget *target)
{
	return info->select->grouped || info->select->distinct ||
		neon_are_inputs_known(info, target->exprs);
}

/*
 * The order that local nodes above may rely on.  At the top of a query the
 * only such nodes are LockRows and Limit, which compare no values.
 */
static List *
promised_order(PlannerInfo *root)
{
	if (root->query_level == 1 ||
		neon_sorts_alike(root->parse->sortClause, root->processed_tlist))
		return root->sort_pathkeys;
	return NIL;
}

static void
add_ordered_path(PlannerInfo *root, NeonRelInfo *input, RelOptInfo *rel)
{
	PathTarget *target = root->upper_targets[UPPERREL_ORDERED];
	NeonRelInfo *info;
	List	   *keys;
	bool		possible;

	if (root->parse->hasTargetSRFs || !can_yield(input, target))
		return;
	keys = neon_sort_by_clauses(input, root->parse->sortClause,
								root->processed_tlist, &possible);
	if (!possible)
		return;
	info = neon_rel_above(input);
	info->select->sort = keys;
	info->remote_cost += neon_sort_cost(info->rows, -1);
	add_upper_path(root, rel, info, target, estimated_rows(rel),
				   promised_order(root));
}

/*
 * Can the value of LIMIT or OFFSET be computed here, to be sent as a
 * parameter?
 */
static bool
is_limit_value(NeonRelInfo *info, Node *expr)
{
	return expr == NULL || neon_is_local_value(&info->ship, expr, false);
}

/*
 * Is it LIMIT 0?  Then nothing is to be sent: users ask for the columns of a
 * query in this way.
 */
static bool
is_zero(Node *expr)
{
	Const	   *value = (Const *) expr;

	return expr != NULL && IsA(expr, Const) && !value->constisnull &&
		DatumGetInt64(value->constvalue) == 0;
}

/*
 * The remote cost of a statement to which LIMIT and OFFSET are added.  Rows
 * that are not returned are not formed.  If the statement has no sort, groups
 * or DISTINCT, the remote also stops reading when it has enough rows.
 */
static Cost
limited_cost(NeonRelInfo *input, FinalPathExtraData *extra, double rows)
{
	NeonSelect *select = input->select;
	Cost		cost = input->remote_cost;

	if (select->sort != NIL && extra->limit_tuples > 0)
		cost -= neon_sort_cost(input->rows, -1) -
			neon_sort_cost(input->rows, extra->limit_tuples);
	else if (!select->grouped && !select->distinct && select->sort == NIL &&
			 select->distinct_on == NIL)
		cost *= Min((rows + Max(extra->offset_est, 0)) / input->rows, 1);
	cost -= cpu_tuple_cost * (input->rows - rows) + cpu_operator_cost;
	return Max(cost, 0);
}

static void
add_limited_path(PlannerInfo *root, NeonRelInfo *input, RelOptInfo *rel,
				 FinalPathExtraData *extra)
{
	Query	   *parse = root->parse;
	PathTarget *target = root->upper_targets[UPPERREL_FINAL];
	NeonRelInfo *info;
	double		rows = input->rows;
	Cost		startup = 0;
	Cost		total = 0;

	if (!extra->limit_needed || parse->hasTargetSRFs ||
		parse->limitOption == LIMIT_OPTION_WITH_TIES ||
		input->local_exprs != NIL || !can_yield(input, target) ||
		is_zero(parse->limitCount) ||
		!is_limit_value(input, parse->limitCount) ||
		!is_limit_value(input, parse->limitOffset))
		return;
	info = neon_rel_above(input);
	info->select->count = parse->limitCount;
	info->select->offset = parse->limitOffset;
	adjust_limit_rows_costs(&rows, &startup, &total, extra->offset_est,
							extra->count_est);
	info->remote_cost = limited_cost(input, extra, rows);
	info->rows = rows;
	add_upper_path(root, rel, info, target, rows,
				   parse->sortClause != NIL ? promised_order(root) : NIL);
}

void
neonGetForeignUpperPaths(PlannerInfo *root, UpperRelationKind stage,
						 RelOptInfo *input_rel, RelOptInfo *output_rel,
						 void *extra)
{
	NeonRelInfo *input = neon_rel_info(input_rel);

	if (input == NULL || output_rel->fdw_private != NULL ||
		IS_DUMMY_REL(input_rel) ||
		root->parse->commandType != CMD_SELECT || neon_lock_rechecks(root))
		return;
	switch (stage)
	{
		case UPPERREL_GROUP_AGG:
			add_group_path(root, input, output_rel,
						   (List *) ((GroupPathExtraData *) extra)->havingQual);
			break;
		case UPPERREL_PARTIAL_GROUP_AGG:
			/* HAVING is for what becomes of the groups of all partitions */
			add_group_path(root, input, output_rel, NIL);
			break;
		case UPPERREL_DISTINCT:
			add_distinct_path(root, input, output_rel);
			break;
		case UPPERREL_ORDERED:
			add_ordered_path(root, input, output_rel);
			break;
		case UPPERREL_FINAL:
			add_limited_path(root, input, output_rel, extra);
			break;
		default:
			break;
	}
}
