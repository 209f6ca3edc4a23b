/*-------------------------------------------------------------------------
 *
 * ship/sort_name.c
 *		Names in ORDER BY and DISTINCT ON.
 *
 * In these clauses a bare name means an output column before it means a
 * column of the FROM list.  ruleutils prints bare names nevertheless: where
 * the query has only one table, and for the merged columns of joins, which
 * cannot be qualified.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"

#include "ship/sort_name.h"

/* An output column of that name with another expression, NULL if none. */
static TargetEntry *
other_output(Query *query, const char *name, Expr *expr)
{
	ListCell   *lc;

	foreach(lc, query->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		if (!tle->resjunk && tle->resname != NULL &&
			strcmp(tle->resname, name) == 0 && !equal(tle->expr, expr))
			return tle;
	}
	return NULL;
}

/* The column that the query sorts by here, NULL if it is no column. */
static Var *
sorted_column(TargetEntry *tle)
{
	Var		   *var = (Var *) tle->expr;

	return tle->ressortgroupref != 0 && IsA(var, Var) &&
		var->varlevelsup == 0 && var->varattno > 0 ? var : NULL;
}

/* The column that a merged column of a join takes its name from. */
static Var *
merged_from(RangeTblEntry *join, Var *var)
{
	Node	   *column = list_nth(join->joinaliasvars, var->varattno - 1);

	if (IsA(column, CoalesceExpr))
		column = linitial(((CoalesceExpr *) column)->args);
	column = strip_implicit_coercions(column);
	return IsA(column, Var) ? (Var *) column : NULL;
}

/* The printed name of a merged column of joins, NULL for other columns. */
static const char *
merged_column_name(NeonShipContext *ship, Query *query, Var *var)
{
	RangeTblEntry *rte = rt_fetch(var->varno, query->rtable);
	NeonQueryTable *table = NULL;

	if (rte->rtekind != RTE_JOIN || rte->alias != NULL ||
		var->varattno > rte->joinmergedcols)
		return NULL;
	while (rte->rtekind == RTE_JOIN && merged_from(rte, var) != NULL)
	{
		var = merged_from(rte, var);
		rte = rt_fetch(var->varno, query->rtable);
	}
	if (rte->rtekind == RTE_RELATION)
		table = neon_find_table(ship, rte->relid);
	return table != NULL ? table->columns->names[var->varattno - 1] :
		strVal(list_nth(rte->eref->colnames, var->varattno - 1));
}

bool
neon_is_sort_ambiguous(NeonShipContext *ship, Query *query)
{
	ListCell   *lc;

	if (query->sortClause == NIL && !query->hasDistinctOn)
		return false;
	foreach(lc, query->targetList)
	{
		Var		   *var = sorted_column(lfirst_node(TargetEntry, lc));
		const char *name;

		if (var == NULL)
			continue;
		name = merged_column_name(ship, query, var);
		if (name != NULL && other_output(query, name, (Expr *) var) != NULL)
			return true;
	}
	return false;
}

void
neon_free_sort_names(Query *query)
{
	RangeTblEntry *rte;
	ListCell   *lc;

	if (list_length(query->rtable) != 1 ||
		(query->sortClause == NIL && !query->hasDistinctOn))
		return;
	rte = linitial_node(RangeTblEntry, query->rtable);
	foreach(lc, query->targetList)
	{
		Var		   *var = sorted_column(lfirst_node(TargetEntry, lc));
		TargetEntry *other;

		if (var == NULL)
			continue;
		while ((other = other_output(query,
									 strVal(list_nth(rte->eref->colnames,
													 var->varattno - 1)),
									 (Expr *) var)) != NULL)
			other->resname = psprintf("?%d?", other->resno);
	}
}
