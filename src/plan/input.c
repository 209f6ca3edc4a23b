/*-------------------------------------------------------------------------
 *
 * plan/input.c
 *		A relation as one side of a remote join.
 *
 * The FROM clause and the WHERE conditions of most relations become a part of
 * the join's own.  Some relations must be subqueries: those with conditions in
 * a full join, and in any join those that compute an expression which an outer
 * join above may set to null (a PlaceHolderVar).
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"

#include "compat/compat.h"
#include "plan/input.h"

/* Does the relation return an expression that its statement cannot name? */
static bool
computes(RelOptInfo *rel, NeonRelInfo *info)
{
	ListCell   *lc;

	foreach(lc, rel->reltarget->exprs)
	{
		Node	   *expr = lfirst(lc);

		if (!IsA(expr, Var) && !neon_is_replaced(info, expr))
			return true;
	}
	return false;
}

/*
 * An entry of the relation's target in the terms of its statement; NULL if it
 * cannot be a column of a subquery.
 */
static Node *
column_expr(PlannerInfo *root, RelOptInfo *rel, NeonRelInfo *info, Node *expr)
{
	if (IsA(expr, Var) &&
		(((Var *) expr)->varattno == TableOidAttributeNumber ||
		 !neon_is_column_known(info, (Var *) expr)))
		return NULL;
	if (IsA(expr, Var) || neon_is_replaced(info, expr))
		return neon_rel_expr(info, expr);
	if (!IsA(expr, PlaceHolderVar))
		return NULL;
	expr = (Node *) ((PlaceHolderVar *) expr)->phexpr;
	if (!bms_is_subset(pull_varnos(root, expr), rel->relids))
		return NULL;
	return neon_rel_remote_expr(info, expr);
}

/*
 * A range table index for a subquery's alias, behind those of the query.
 * There are two more sets of as many indexes as the query has: in the first
 * each table has one for its own subquery, in the second a join takes one of
 * its members' that is free.  Of two subqueries of joins one is inside of the
 * other, or they have no member in common.  So one is always free, since a
 * join has more members than joins inside.
 */
static Index
free_alias(RelOptInfo *rel, NeonShipContext *ship)
{
	int			size = ship->ncolumns / NEON_ALIAS_SETS;
	int			member = -1;

	if (IS_SIMPLE_REL(rel))
		return size + rel->relid;
	while ((member = bms_next_member(rel->relids, member)) >= 0)
	{
		if (!bms_is_member(2 * size + member, ship->relids))
			return 2 * size + member;
	}
	elog(ERROR, "no alias is left for a subquery");
}

/*
 * Adds the columns of a subquery, to a copy of the array: other relations that
 * share it have other subqueries.
 */
static void
add_columns(NeonShipContext *ship, Index alias, NeonRemoteColumns *columns)
{
	NeonRemoteColumns **all = palloc_array(NeonRemoteColumns *, ship->ncolumns);

	memcpy(all, ship->columns, sizeof(NeonRemoteColumns *) * ship->ncolumns);
	all[alias] = columns;
	ship->columns = all;
	ship->relids = bms_add_member(bms_copy(ship->relids), alias);
}

static NeonRemoteColumns *
subquery_columns(int n)
{
	NeonRemoteColumns *columns = palloc0(sizeof(NeonRemoteColumns));
	int			i;

	columns->natts = n;
	columns->names = palloc(sizeof(char *) * Max(n, 1));
	columns->key = palloc0(sizeof(bool) * Max(n, 1));
	columns->ambiguous = palloc0(sizeof(bool) * Max(n, 1));
	for (i = 0; i < n; i++)
		columns->names[i] = psprintf("c%d", i + 1);
	return columns;
}

/* The relation as a subquery that selects all that is needed above. */
static NeonRelInfo *
make_subquery(PlannerInfo *root, RelOptInfo *rel, NeonRelInfo *input)
{
	NeonRelInfo *info = neon_rel_above(input);
	NeonFrom   *from = palloc0(sizeof(NeonFrom));
	Index		alias = free_alias(rel, &info->ship);
	List	   *needed = list_concat_unique(list_copy(rel->reltarget->exprs),
											neon_rel_inputs(input,
															input->local_exprs));
	ListCell   *lc;

	info->replaced = NIL;
	info->hidden = bms_copy(input->ship.relids);
	foreach(lc, needed)
	{
		Node	   *what = lfirst(lc);
		Node	   *expr = column_expr(root, rel, input, what);

		if (expr == NULL)
			return NULL;
		from->columns = lappend(from->columns, expr);
		neon_rel_replace(info, what, (Node *)
						 makeVar(alias, list_length(from->columns),
								 exprType(what), exprTypmod(what),
								 exprCollation(what), 0));
	}

	from->relid = alias;
	from->left = input->select->from;
	from->conditions = input->select->where;
	info->select->from = from;
	memset(&info->select->where, 0, sizeof(NeonConditions));
	add_columns(&info->ship, alias,
				subquery_columns(list_length(from->columns)));
	return info;
}

/*
 * The relation as a subquery.  It is made once for all joins that are tried,
 * and has to last as long as rel.
 */
static NeonRelInfo *
as_subquery(PlannerInfo *root, RelOptInfo *rel, NeonRelInfo *input)
{
	if (input->subquery == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(rel));

		input->subquery = make_subquery(root, rel, input);
		MemoryContextSwitchTo(old);
	}
	return input->subquery;
}

/* Moves the WHERE conditions to the ON clause, where that means the same. */
static NeonRelInfo *
conditions_in_on(NeonRelInfo *input)
{
	NeonRelInfo *info = neon_rel_above(input);
	NeonFrom   *from = palloc(sizeof(NeonFrom));
	NeonConditions *where = &info->select->where;

	*from = *input->select->from;
	from->conditions.exprs = list_concat_copy(from->conditions.exprs,
											  where->exprs);
	from->conditions.exists = list_concat_copy(from->conditions.exists,
											   where->exists);
	info->select->from = from;
	memset(where, 0, sizeof(NeonConditions));
	return info;
}

NeonRelInfo *
neon_join_input(PlannerInfo *root, RelOptInfo *rel, bool full_join)
{
	NeonRelInfo *info = neon_rel_info(rel);
	NeonSelect *select;

	if (info == NULL)
		return NULL;
	if (computes(rel, info))
		return as_subquery(root, rel, info);

	select = info->select;
	if (!full_join ||
		(select->where.exprs == NIL && select->where.exists == NIL))
		return info;
	if (select->from->relid == 0 && select->from->jointype == JOIN_INNER)
		return conditions_in_on(info);
	return as_subquery(root, rel, info);
}
