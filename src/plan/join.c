/*-------------------------------------------------------------------------
 *
 * plan/join.c
 *		Joins of foreign tables of one server.
 *
 * A join goes to the remote if both sides do and if all conditions go that
 * decide which rows match.  Conditions on what comes out of a join may stay
 * here.  Semi and anti joins become [NOT] EXISTS: from outside, the columns
 * of their inner side cannot be named, but PostgreSQL sometimes does, as the
 * equal of an outer column, or as a null.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "foreign/fdwapi.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/restrictinfo.h"
#include "utils/lsyscache.h"

#include "compat/compat.h"
#include "option/remote_type.h"
#include "plan/cost.h"
#include "plan/estimate.h"
#include "plan/input.h"
#include "plan/join.h"
#include "plan/row_lock.h"
#include "plan/sort.h"

typedef struct NeonJoin
{
	PlannerInfo *root;
	RelOptInfo *joinrel;
	RelOptInfo *innerrel;
	JoinType	jointype;
	List	   *restrictlist;
	NeonRelInfo *outer;
	NeonRelInfo *inner;
	NeonRelInfo *info;			/* of the join, being made */
	List	   *on;				/* conditions that decide what matches */
} NeonJoin;

/*
 * Conditions that could tell of rows behind a security barrier wait for
 * those of the barrier; the remote checks in any order.
 */
static bool
is_behind_barrier(NeonJoin *join, RestrictInfo *rinfo)
{
	int			relid = -1;

	if (rinfo->leakproof || rinfo->security_level == 0)
		return false;
	while ((relid = bms_next_member(join->joinrel->relids, relid)) >= 0)
	{
		RelOptInfo *rel = join->root->simple_rel_array[relid];

		if (rel != NULL &&
			rinfo->security_level > rel->baserestrict_min_security)
			return true;
	}
	return false;
}

/* Does it decide which rows match, or is it about what comes out? */
static bool
is_match_condition(NeonJoin *join, RestrictInfo *rinfo)
{
	if (IS_OUTER_JOIN(join->jointype))
		return !RINFO_IS_PUSHED_DOWN(rinfo, join->joinrel->relids);
	return true;
}

/* Conditions of the match; false if one has to run there and cannot. */
static bool
take_match_conditions(NeonJoin *join)
{
	ListCell   *lc;

	foreach(lc, join->restrictlist)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);
		Node	   *expr = NULL;

		if (!is_match_condition(join, rinfo))
			continue;
		if (!is_behind_barrier(join, rinfo))
			expr = neon_rel_remote_expr(join->info, (Node *) rinfo->clause);
		if (expr != NULL)
			join->on = lappend(join->on, expr);
		else if (join->jointype == JOIN_INNER)
			join->info->local_exprs = lappend(join->info->local_exprs,
											  rinfo->clause);
		else
			return false;
	}
	return true;
}

/* Conditions on what comes out of an outer join. */
static void
take_filters(NeonJoin *join)
{
	NeonConditions *where = &join->info->select->where;
	ListCell   *lc;

	foreach(lc, join->restrictlist)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);
		Node	   *expr = NULL;

		if (is_match_condition(join, rinfo))
			continue;
		if (!is_behind_barrier(join, rinfo))
			expr = neon_rel_remote_expr(join->info, (Node *) rinfo->clause);
		if (expr != NULL)
			where->exprs = lappend(list_copy(where->exprs), expr);
		else
			join->info->local_exprs = lappend(join->info->local_exprs,
											  rinfo->clause);
	}
}

/*
 * The outer side's column that a semi join makes equal to one of the inner
 * side, NULL if there is none of the same type.
 */
static Node *
equal_outer_column(NeonJoin *join, Var *var)
{
	ListCell   *lc;

	foreach(lc, join->restrictlist)
	{
		OpExpr	   *op = (OpExpr *) lfirst_node(RestrictInfo, lc)->clause;
		Var		   *left;
		Var		   *right;

		if (!IsA(op, OpExpr) || list_length(op->args) != 2 ||
			!op_mergejoinable(op->opno, exprType(linitial(op->args))))
			continue;
		left = linitial(op->args);
		right = lsecond(op->args);
		if (IsA(left, Var) && left->varno == var->varno &&
			left->varattno == var->varattno)
		{
			Var		   *swap = left;

			left = right;
			right = swap;
		}
		if (!IsA(right, Var) || right->varno != var->varno ||
			right->varattno != var->varattno)
			continue;
		if (IsA(left, Var) && left->vartype == var->vartype &&
			left->varcollid == var->varcollid &&
			!bms_is_member(left->varno, join->innerrel->relids))
			return neon_rel_expr(join->outer, (Node *) left);
	}
	return NULL;
}

/* After an anti join, the inner side's columns are null. */
static Node *
null_value(NeonJoin *join, Node *node)
{
	Node	   *value = (Node *) makeNullConst(exprType(node), exprTypmod(node),
											   exprCollation(node));

	return neon_is_shippable(&join->info->ship, (Expr *) value) ? value : NULL;
}

static bool
is_of_inner(NeonJoin *join, Node *node)
{
	if (IsA(node, Var))
		return bms_is_member(((Var *) node)->varno, join->innerrel->relids);
	return bms_overlap(((PlaceHolderVar *) node)->phrels,
					   join->innerrel->relids);
}

/*
 * Finds what stands for the columns of the inner side of a semi or anti join
 * above it.
 */
static void
replace_inner_columns(NeonJoin *join)
{
	List	   *exprs = list_copy(join->joinrel->reltarget->exprs);
	ListCell   *lc;

	join->info->replaced = join->outer->replaced;
	join->info->hidden = bms_union(join->info->hidden,
								   join->inner->ship.relids);
	foreach(lc, join->restrictlist)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);

		if (!is_match_condition(join, rinfo))
			exprs = lappend(exprs, rinfo->clause);
	}
	foreach(lc, pull_var_clause((Node *) exprs, PVC_INCLUDE_PLACEHOLDERS))
	{
		Node	   *node = lfirst(lc);
		Node	   *by = NULL;

		if (!is_of_inner(join, node))
			continue;
		if (join->jointype == JOIN_ANTI)
			by = null_value(join, node);
		else if (IsA(node, Var))
			by = equal_outer_column(join, (Var *) node);
		if (by != NULL)
			neon_rel_replace(join->info, node, by);
	}
}

static NeonConditions
both(NeonConditions *a, NeonConditions *b)
{
	NeonConditions result;

	result.exprs = list_concat_copy(a->exprs, b->exprs);
	result.exists = list_concat_copy(a->exists, b->exists);
	return result;
}

static NeonFrom *
join_from(NeonJoin *join, NeonConditions on)
{
	NeonFrom   *from = palloc0(sizeof(NeonFrom));

	from->jointype = join->jointype;
	from->left = join->outer->select->from;
	from->right = join->inner->select->from;
	from->conditions = on;
	return from;
}

static NeonExists *
join_exists(NeonJoin *join, NeonConditions conditions)
{
	NeonExists *exists = palloc0(sizeof(NeonExists));

	exists->negated = join->jointype == JOIN_ANTI;
	exists->from = join->inner->select->from;
	exists->conditions = conditions;
	return exists;
}

/* FROM and WHERE of the join, but for conditions on what comes out of it. */
static void
make_join_select(NeonJoin *join)
{
	NeonSelect *select = palloc0(sizeof(NeonSelect));
	NeonConditions on = {join->on, NIL};
	NeonConditions *outer = &join->outer->select->where;
	NeonConditions *inner = &join->inner->select->where;

	join->info->select = select;
	switch (join->jointype)
	{
		case JOIN_INNER:
			select->from = join_from(join, on);
			select->where = both(outer, inner);
			break;
		case JOIN_LEFT:
			select->from = join_from(join, both(&on, inner));
			select->where = *outer;
			break;
		case JOIN_FULL:
			select->from = join_from(join, on);
			break;
		default:
			select->from = join->outer->select->from;
			select->where = *outer;
			select->where.exists = lappend(list_copy(outer->exists),
										   join_exists(join, both(inner, &on)));
			break;
	}
}

/* Subqueries on either side are known to that side alone. */
static NeonRemoteColumns **
merge_columns(NeonShipContext *outer, NeonShipContext *inner)
{
	NeonRemoteColumns **columns;
	int			relid = -1;

	if (outer->columns == inner->columns)
		return outer->columns;
	columns = palloc_array(NeonRemoteColumns *, outer->ncolumns);
	memcpy(columns, outer->columns,
		   sizeof(NeonRemoteColumns *) * outer->ncolumns);
	while ((relid = bms_next_member(inner->relids, relid)) >= 0)
		columns[relid] = inner->columns[relid];
	return columns;
}

/* Info of the join, with what both sides know. */
static NeonRelInfo *
merge_sides(NeonJoin *join)
{
	NeonRelInfo *info = palloc0(sizeof(NeonRelInfo));
	NeonShipContext *outer = &join->outer->ship;
	NeonShipContext *inner = &join->inner->ship;

	info->server = join->outer->server;
	info->use_remote_estimate = join->outer->use_remote_estimate ||
		join->inner->use_remote_estimate;
	info->ship = *outer;
	info->ship.relids = bms_union(outer->relids, inner->relids);
	info->ship.columns = merge_columns(outer, inner);
	info->ship.types = list_concat_unique_ptr(list_copy(outer->types),
											  inner->types);
	info->local_exprs = list_concat_copy(join->outer->local_exprs,
										 join->inner->local_exprs);
	info->replaced = list_concat_copy(join->outer->replaced,
									  join->inner->replaced);
	info->hidden = bms_union(join->outer->hidden, join->inner->hidden);
	info->versioned = bms_union(join->outer->versioned,
								join->inner->versioned);
	info->locked = bms_union(join->outer->locked, join->inner->locked);
	return info;
}

/*
 * May conditions on a side that run here wait until after the join?  That is
 * so if the join neither makes the side's rows null nor decides by them.
 */
static bool
may_wait(NeonJoin *join, bool is_outer)
{
	return join->jointype == JOIN_INNER ||
		(is_outer && join->jointype != JOIN_FULL);
}

/* Makes the info of the join; false if the remote cannot do it. */
static bool
make_join(NeonJoin *join)
{
	if ((join->outer->local_exprs != NIL && !may_wait(join, true)) ||
		(join->inner->local_exprs != NIL && !may_wait(join, false)) ||
		!neon_remote_types_agree(join->outer->ship.types,
								 join->inner->ship.types))
		return false;

	join->info = merge_sides(join);
	if (!take_match_conditions(join))
		return false;
	make_join_select(join);
	if (join->jointype == JOIN_SEMI || join->jointype == JOIN_ANTI)
		replace_inner_columns(join);
	take_filters(join);
	return neon_are_inputs_known(join->info,
								 list_concat_copy(join->joinrel->reltarget->exprs,
												  join->info->local_exprs));
}

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

	if (!neon_fits_reply(info->rows, join->joinrel->reltarget->width))
		return;
	neon_path_cost(info, &startup, &total);
	add_path(join->joinrel, (Path *)
			 neon_create_foreign_join_path(join->root, join->joinrel,
										   join->joinrel->rows, startup, total,
										   NIL, local_path));
	if (local_path == NULL)
		neon_add_sorted_path(join->root, join->joinrel, info);
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

	/* Each of the others comes as one of these, too, with the sides swapped. */
	if (jointype != JOIN_INNER && jointype != JOIN_LEFT && !full &&
		jointype != JOIN_SEMI && jointype != JOIN_ANTI)
		return;
	/* The order of joins does not matter to the remote: once is enough. */
	if (joinrel->fdw_private != NULL || !bms_is_empty(joinrel->lateral_relids))
		return;

	join.outer = neon_join_input(root, outerrel, full);
	join.inner = neon_join_input(root, innerrel, full);
	if (join.outer == NULL || join.inner == NULL)
		return;
	if (neon_lock_rechecks(root))
	{
		/* A plan that stands by makes the row again (EvalPlanQual). */
		/* It computes no more than what the join's own conditions need. */
		if (join.outer->local_exprs != NIL || join.inner->local_exprs != NIL)
			return;
		local_path = GetExistingLocalJoinPath(joinrel);
		if (local_path == NULL)
			return;
	}
	if (!make_join(&join))
		return;
	estimate_join(&join);
	joinrel->fdw_private = join.info;
	add_join_paths(&join, local_path);
}
