/*-------------------------------------------------------------------------
 *
 * plan/join_info.c
 *		The remote statement of a join.
 *
 * A join goes to the remote if both sides do and if all conditions that decide
 * which rows match can run there.  Conditions on the joined rows may stay
 * here.  A semi join becomes EXISTS and an anti join NOT EXISTS, so that the
 * columns of their inner side cannot be named outside.  PostgreSQL sometimes
 * does name them: above a semi join a column that equals one of the outer
 * side, above an anti join any column, which is null.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/restrictinfo.h"
#include "utils/lsyscache.h"

#include "compat/compat.h"
#include "option/remote_type.h"
#include "plan/join_info.h"

/*
 * Is it a condition of the user's on rows behind a security barrier?  The
 * remote checks conditions in any order, and an error of such a condition
 * could show rows that the barrier hides.  So it stays here, where PostgreSQL
 * checks the barrier's own conditions first.
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

/*
 * Does a condition decide which rows match?  Any other is about the rows that
 * an outer join returns.
 */
static bool
is_match_condition(NeonJoin *join, RestrictInfo *rinfo)
{
	if (IS_OUTER_JOIN(join->jointype))
		return !RINFO_IS_PUSHED_DOWN(rinfo, join->joinrel->relids);
	return true;
}

/*
 * Takes the conditions that decide which rows match.  False if the remote
 * cannot check one of them although it has to.
 */
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

/* Takes the conditions on the rows that an outer join returns. */
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
 * The column of the outer side that a semi join makes equal to a column of the
 * inner side, NULL if there is none of the same type.
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

/* The null that stands for a column of the inner side of an anti join. */
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
 * Finds a replacement for each column of the inner side of a semi or anti join
 * that is named above the join.
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

/* FROM and WHERE, without the conditions on the rows that the join returns. */
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

/* The columns of both sides: each side knows only its own subqueries. */
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

/* An info of the join that has what both sides know. */
static NeonRelInfo *
merge_sides(NeonJoin *join)
{
	NeonRelInfo *info = palloc0(sizeof(NeonRelInfo));
	NeonShipContext *outer = &join->outer->ship;
	NeonShipContext *inner = &join->inner->ship;

	info->server = join->outer->server;
	info->async_capable = join->outer->async_capable &&
		join->inner->async_capable;
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
	info->lock_columns = list_concat_copy(join->outer->lock_columns,
										  join->inner->lock_columns);
	return info;
}

/*
 * May conditions on one side that are checked here be checked after the join?
 * They may if the join neither sets columns of that side to null nor uses its
 * rows to decide about rows of the other side.
 */
static bool
may_wait(NeonJoin *join, bool is_outer)
{
	return join->jointype == JOIN_INNER ||
		(is_outer && join->jointype != JOIN_FULL);
}

bool
neon_make_join(NeonJoin *join)
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
