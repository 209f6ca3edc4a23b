/*-------------------------------------------------------------------------
 *
 * plan/group.c
 *		Groups, aggregates and DISTINCT on the remote.
 *
 * Grouping expressions and aggregates run remotely all together or not at all.
 * Expressions over these may be computed here, and HAVING conditions may be
 * checked here.
 *
 * Values of the local session are never columns of the result.  The same
 * values may be parameters of the statement, and setrefs.c would replace a
 * parameter that equals a column by a reference to this column.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/tlist.h"

#include "compat/compat.h"
#include "option/remote_type.h"
#include "plan/cost.h"
#include "plan/group.h"
#include "plan/sort.h"
#include "ship/local_value.h"

static void
add_column(NeonRelInfo *info, Node *expr)
{
	if (tlist_member((Expr *) expr, info->tlist) == NULL)
		info->tlist = lappend(info->tlist,
							  makeTargetEntry((Expr *) expr,
											  list_length(info->tlist) + 1,
											  "?column?", false));
}

/*
 * Adds the aggregates in an expression that is computed here; false if the
 * remote cannot compute one.
 */
static bool
add_aggregates(NeonRelInfo *info, Node *expr)
{
	ListCell   *lc;

	foreach(lc, pull_var_clause(expr, PVC_INCLUDE_AGGREGATES |
								PVC_RECURSE_PLACEHOLDERS))
	{
		Node	   *node = lfirst(lc);

		/* A column outside of aggregates is part of what is grouped by. */
		if (IsA(node, Var))
			continue;
		if (!IsA(node, Aggref) || !neon_type_is_readable(exprType(node)) ||
			neon_rel_remote_expr(info, node) == NULL)
			return false;
		add_column(info, node);
	}
	return true;
}

/* Adds a column of the select list that is not grouped by. */
static bool
add_output(NeonRelInfo *info, Node *expr)
{
	if (neon_is_local_value(&info->ship, expr, false))
		return true;
	if (!neon_type_is_readable(exprType(expr)) ||
		neon_rel_remote_expr(info, expr) == NULL)
		return add_aggregates(info, expr);
	add_column(info, expr);
	return true;
}

/* Adds a grouping expression, also as a column. */
static bool
add_group(NeonRelInfo *info, SortGroupClause *clause, Node *expr)
{
	Node	   *remote = neon_rel_remote_expr(info, expr);

	if (remote == NULL || !neon_type_is_readable(exprType(expr)) ||
		neon_is_local_value(&info->ship, expr, false) ||
		!neon_is_sort_shippable(&info->ship, clause))
		return false;
	info->select->group = lappend(info->select->group, remote);
	add_column(info, expr);
	return true;
}

/* GROUP BY and the select list; false if the remote cannot do it. */
static bool
add_groups(PlannerInfo *root, NeonRelInfo *info, PathTarget *target)
{
	List	   *clauses = root->parse->groupClause;
	int			ngroups = 0;
	int			i = 0;
	ListCell   *lc;

	foreach(lc, target->exprs)
	{
		Index		ref = get_pathtarget_sortgroupref(target, i);
		SortGroupClause *clause = NULL;

		i++;
		if (ref != 0)
			clause = get_sortgroupref_clause_noerr(ref, clauses);
		if (clause != NULL)
		{
			ngroups++;
			if (!add_group(info, clause, lfirst(lc)))
				return false;
		}
		else if (!add_output(info, lfirst(lc)))
			return false;
	}
	return ngroups == list_length(clauses);
}

static bool
add_having(NeonRelInfo *info, List *having)
{
	ListCell   *lc;

	foreach(lc, having)
	{
		Node	   *expr = neon_rel_remote_expr(info, lfirst(lc));

		if (expr != NULL)
			info->select->having = lappend(info->select->having, expr);
		else
		{
			if (!add_aggregates(info, lfirst(lc)))
				return false;
			info->local_exprs = lappend(info->local_exprs, lfirst(lc));
		}
	}
	return true;
}

NeonRelInfo *
neon_group_info(PlannerInfo *root, NeonRelInfo *input, PathTarget *target,
				List *having, double rows)
{
	NeonRelInfo *info;
	Selectivity local;

	/* Rows that are still to be filtered cannot be grouped. */
	if (root->parse->groupingSets != NIL || input->local_exprs != NIL)
		return NULL;
	info = neon_rel_above(input);
	info->ship.aggregates = true;
	info->select->grouped = true;
	if (!add_groups(root, info, target) || !add_having(info, having))
		return NULL;

	local = clauselist_selectivity(root, info->local_exprs, 0, JOIN_INNER,
								   NULL);
	cost_qual_eval(&info->local_cost, info->local_exprs, root);
	info->rows = clamp_row_est(rows / Max(local, 0.0001));
	info->remote_cost += neon_group_cost(input->rows,
										 list_length(info->tlist), info->rows);
	return info;
}

/*
 * SELECT DISTINCT compares all columns of the select list, so that the remote
 * has to compute them all.  If the target has other columns (one that is
 * grouped by, but not selected), the remote cannot do it.
 */
static bool
add_distinct_columns(PlannerInfo *root, NeonRelInfo *info, PathTarget *target)
{
	int			i = 0;
	ListCell   *lc;

	info->select->distinct = true;
	info->tlist = NIL;
	foreach(lc, target->exprs)
	{
		Index		ref = get_pathtarget_sortgroupref(target, i);

		i++;
		/* This value is the same in all rows. */
		if (neon_is_local_value(&info->ship, lfirst(lc), false))
			continue;
		if (ref == 0 ||
			get_sortgroupref_clause_noerr(ref,
										  root->parse->distinctClause) == NULL ||
			!neon_type_is_readable(exprType(lfirst(lc))) ||
			neon_rel_remote_expr(info, lfirst(lc)) == NULL)
			return false;
		add_column(info, lfirst(lc));
	}
	return true;
}

/* DISTINCT ON: the first row of each group by ORDER BY, with any columns. */
static bool
add_distinct_on(PlannerInfo *root, NeonRelInfo *info, PathTarget *target)
{
	Query	   *parse = root->parse;
	NeonSelect *select = info->select;
	bool		possible;
	ListCell   *lc;

	foreach(lc, parse->distinctClause)
	{
		Node	   *expr = get_sortgroupclause_expr(lfirst(lc),
													root->processed_tlist);

		expr = neon_rel_remote_expr(info, expr);
		if (expr == NULL || neon_is_local_value(&info->ship, expr, false))
			return false;
		select->distinct_on = lappend(select->distinct_on, expr);
	}
	select->sort = neon_sort_by_clauses(info, parse->sortClause,
										root->processed_tlist, &possible);
	return possible &&
		(select->grouped || neon_are_inputs_known(info, target->exprs));
}

NeonRelInfo *
neon_distinct_info(PlannerInfo *root, NeonRelInfo *input, PathTarget *target,
				   double rows)
{
	NeonRelInfo *info;
	ListCell   *lc;

	if (input->local_exprs != NIL || root->parse->hasTargetSRFs)
		return NULL;
	foreach(lc, root->parse->distinctClause)
	{
		if (!neon_is_sort_shippable(&input->ship, lfirst(lc)))
			return NULL;
	}
	info = neon_rel_above(input);
	if (root->parse->hasDistinctOn ?
		!add_distinct_on(root, info, target) :
		!add_distinct_columns(root, info, target))
		return NULL;
	info->rows = rows;
	info->remote_cost += neon_group_cost(input->rows,
										 list_length(target->exprs), rows);
	if (info->select->sort != NIL)
		info->remote_cost += neon_sort_cost(input->rows, -1);
	return info;
}
