/*-------------------------------------------------------------------------
 *
 * plan/foreign_plan.c
 *		From the path that won to the plan of a foreign scan.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/planmain.h"
#include "optimizer/restrictinfo.h"
#include "utils/builtins.h"

#include "compat/compat.h"
#include "deparse/deparse.h"
#include "plan/condition.h"
#include "plan/foreign_plan.h"
#include "plan/rel.h"
#include "plan/scan_items.h"
#include "plan/scan_order.h"
#include "plan/scan_statement.h"
#include "plan/sort.h"

/* NEON_SCAN_TABLE of a scan that returns rows in any order. */
static List *
table_items(const NeonTableOptions *table, bool has_where)
{
	char	   *name = quote_qualified_identifier(table->schema_name,
												  table->table_name);

	return list_make2(makeString(name), makeBoolean(has_where));
}

/* The same of a sorted one; NIL if its rows cannot be sorted here. */
static List *
sorted_table_items(const NeonTableOptions *table, bool has_where,
				   const char *unsorted, List *order)
{
	if (order == NIL)
		return NIL;
	return lappend(lappend(table_items(table, has_where),
						   makeString(pstrdup(unsorted))), order);
}

/* The plan of a scan of one foreign table. */
static ForeignScan *
table_plan(PlannerInfo *root, RelOptInfo *rel, ForeignPath *path, List *tlist,
		   List *remote_exprs, List *local_exprs, Plan *outer_plan)
{
	NeonRelInfo *info = rel->fdw_private;
	bool		has_where = remote_exprs != NIL;
	NeonRemoteSql *sql = neon_scan_statement(rel, remote_exprs);
	List	   *table;

	if (path->path.pathkeys != NIL)
	{
		List	   *keys = neon_sort_by_pathkeys(root, rel, info,
												 path->path.pathkeys);
		List	   *order = neon_scan_order_of_table(keys, rel->relid,
													 neon_scan_columns(rel));

		table = sorted_table_items(info->table, has_where, sql->text.data,
								   order);
		neon_sql_append_scan_sort(sql, keys);
	}
	else
		table = table_items(info->table, has_where);

	return make_foreignscan(tlist, local_exprs, rel->relid, sql->params,
							list_make4(makeString(sql->text.data),
									   neon_scan_columns(rel),
									   table, list_make1_oid(rel->userid)),
							NIL, remote_exprs, outer_plan);
}

/*
 * The numbers 1 to n: the statement returns the columns of the plan's scan
 * tuple.
 */
static List *
column_numbers(int n)
{
	List	   *columns = NIL;
	int			i;

	for (i = 1; i <= n; i++)
		columns = lappend_int(columns, i);
	return columns;
}

/*
 * The target list of the local plan that forms the rows of a join again
 * (EvalPlanQual): the columns of the join.  Columns that the join returns only
 * to lock its rows are null, since the plan does not have them, and since the
 * rows that it forms are locked already.
 */
static List *
local_tlist(NeonRelInfo *info, List *scan_tlist, List *exprs)
{
	List	   *tlist = NIL;
	ListCell   *lc;

	if (info->lock_columns == NIL)
		return scan_tlist;
	exprs = neon_rel_inputs(info, list_concat_copy(exprs, info->local_exprs));
	foreach(lc, scan_tlist)
	{
		TargetEntry *entry = lfirst_node(TargetEntry, lc);
		Expr	   *expr = entry->expr;

		if (list_member(info->lock_columns, expr) &&
			!list_member(exprs, expr))
		{
			entry = flatCopyTargetEntry(entry);
			entry->expr = (Expr *) makeNullConst(exprType((Node *) expr), -1,
												 InvalidOid);
		}
		tlist = lappend(tlist, entry);
	}
	return tlist;
}

/*
 * NEON_SCAN_TABLE of a statement above one table that does nothing but sort,
 * NIL of any other.  Rows that are locked are left alone.
 */
static List *
select_items(PlannerInfo *root, NeonRelInfo *info, const NeonSelect *select,
			 List *scan_tlist, const NeonRemoteSql *sql)
{
	NeonSelect	unsorted = *select;
	NeonRemoteSql plain;

	if (select->from->table == NULL || select->sort == NIL ||
		select->grouped || select->distinct || select->distinct_on != NIL ||
		select->count != NULL || select->offset != NULL ||
		select->where.exists != NIL || info->lock_columns != NIL ||
		root->parse->rowMarks != NIL)
		return NIL;
	unsorted.sort = NIL;
	neon_sql_init(&plain, &info->ship);
	neon_sql_append_select(&plain, &unsorted);
	if (!equal(plain.params, sql->params))
		return NIL;
	return sorted_table_items(select->from->table, select->where.exprs != NIL,
							  plain.text.data,
							  neon_scan_order_of_tlist(select->sort,
													   scan_tlist));
}

/* The plan of a join or an upper relation. */
static ForeignScan *
rel_plan(PlannerInfo *root, RelOptInfo *rel, ForeignPath *path,
		 List *tlist, Plan *outer_plan)
{
	NeonRelInfo *info = rel->fdw_private;
	List	   *scan_tlist;
	List	   *exprs = path->path.pathtarget->exprs;
	NeonSelect	select = neon_rel_select(root, info, exprs, &scan_tlist);
	List	   *private;
	NeonRemoteSql sql;

	if (IS_JOIN_REL(rel) && path->path.pathkeys != NIL)
		select.sort = neon_sort_by_pathkeys(root, rel, info,
											path->path.pathkeys);

	neon_sql_init(&sql, &info->ship);
	neon_sql_append_select(&sql, &select);

	/*
	 * EvalPlanQual copies the row of this plan, which is to have our columns.
	 */
	if (outer_plan != NULL)
		outer_plan = change_plan_targetlist(outer_plan,
											local_tlist(info, scan_tlist,
														exprs),
											path->path.parallel_safe);

	private = list_make5(makeString(sql.text.data),
						 column_numbers(list_length(scan_tlist)),
						 select_items(root, info, &select, scan_tlist, &sql),
						 list_make1_oid(rel->userid),
						 makeString(neon_describe_select(&select,
														 root->parse->rtable)));
	return make_foreignscan(tlist, info->local_exprs, 0, sql.params, private,
							scan_tlist, NIL, outer_plan);
}

ForeignScan *
neonGetForeignPlan(PlannerInfo *root, RelOptInfo *rel, Oid relid,
				   ForeignPath *path, List *tlist, List *scan_clauses,
				   Plan *outer_plan)
{
	NeonRelInfo *info = rel->fdw_private;
	List	   *remote_exprs = NIL;
	List	   *local_exprs = NIL;
	ListCell   *lc;

	if (!IS_SIMPLE_REL(rel))
		return rel_plan(root, rel, path, tlist, outer_plan);
	foreach(lc, scan_clauses)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);

		/* A gating Result node checks conditions without columns. */
		if (rinfo->pseudoconstant)
			continue;
		if (list_member_ptr(info->remote_conds, rinfo) ||
			(!list_member_ptr(info->local_conds, rinfo) &&
			 neon_may_check_remotely(rel, rinfo)))
			remote_exprs = lappend(remote_exprs, rinfo->clause);
		else
			local_exprs = lappend(local_exprs, rinfo->clause);
	}
	return table_plan(root, rel, path, tlist, remote_exprs, local_exprs,
					  outer_plan);
}
