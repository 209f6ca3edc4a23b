/*-------------------------------------------------------------------------
 *
 * ship/row.c
 *		Rows as values: of which fields do they consist?
 *
 * "json_agg(x)" over a subquery x, or to_json(t) of a table t, is how clients
 * load objects with all that belongs to them.  ruleutils prints x.* for such
 * a row; the remote makes it of the columns that x has in the text.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"

#include "compat/compat.h"
#include "ship/row.h"

/* The query that a Var belongs to. */
static Query *
query_of(NeonShipContext *ship, Var *var)
{
	if (var->varlevelsup >= list_length(ship->queries))
		return NULL;
	return list_nth(ship->queries, var->varlevelsup);
}

/*
 * ruleutils gives columns of the same name other names, and so it does with
 * columns that would be taken for a merged column of a join.
 */
static bool
are_names_kept(Query *query, RangeTblEntry *rte)
{
	ListCell   *lc;
	ListCell   *lc2;

	foreach(lc, query->rtable)
	{
		RangeTblEntry *join = lfirst_node(RangeTblEntry, lc);

		if (join->rtekind == RTE_JOIN && join->joinmergedcols > 0)
			return false;
	}
	foreach(lc, rte->eref->colnames)
	{
		for_each_cell(lc2, rte->eref->colnames,
					  lnext(rte->eref->colnames, lc))
		{
			if (equal(lfirst(lc), lfirst(lc2)))
				return false;
		}
	}
	return true;
}

/* Does each column have the name there that it has here? */
static bool
is_table_row_shippable(NeonShipContext *ship, RangeTblEntry *rte)
{
	NeonQueryTable *table = neon_find_table(ship, rte->relid);
	int			i = 0;
	ListCell   *lc;

	if (table == NULL || ship->writes ||
		list_length(rte->eref->colnames) != table->columns->natts)
		return false;
	foreach(lc, rte->eref->colnames)
	{
		const char *name = table->columns->names[i];

		if (name != NULL && (table->columns->ambiguous[i] ||
							 strcmp(name, strVal(lfirst(lc))) != 0))
			return false;
		i++;
	}
	return true;
}

bool
neon_is_whole_row_shippable(NeonShipContext *ship, Var *var)
{
	Query	   *query = query_of(ship, var);
	RangeTblEntry *rte;

	if (query == NULL)
		return false;
	rte = rt_fetch(var->varno, query->rtable);
	if (!are_names_kept(query, rte))
		return false;
	switch (rte->rtekind)
	{
		case RTE_SUBQUERY:
		case RTE_CTE:
		case RTE_VALUES:
			return true;
		case RTE_RELATION:
			return is_table_row_shippable(ship, rte);
		default:
			return false;
	}
}

bool
neon_has_default_names(RowExpr *row)
{
	int			n = 0;
	ListCell   *lc;

	foreach(lc, row->colnames)
	{
		if (strcmp(strVal(lfirst(lc)), psprintf("f%d", ++n)) != 0)
			return false;
	}
	return true;
}

static bool
expr_field_types(NeonShipContext *ship, Node *expr, List **types)
{
	if (exprType(expr) == RECORDOID)
		return neon_row_field_types(ship, expr, types);
	*types = lappend_oid(*types, exprType(expr));
	return true;
}

static bool
target_field_types(NeonShipContext *ship, Query *query, List **types)
{
	bool		result = true;
	ListCell   *lc;

	ship->queries = lcons(query, ship->queries);
	foreach(lc, query->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		if (!tle->resjunk)
			result = result &&
				expr_field_types(ship, (Node *) tle->expr, types);
	}
	ship->queries = list_delete_first(ship->queries);
	return result;
}

static bool
table_field_types(NeonShipContext *ship, RangeTblEntry *rte, List **types)
{
	NeonQueryTable *table = neon_find_table(ship, rte->relid);

	if (table == NULL)
		return false;
	for (AttrNumber attno = 1; attno <= table->columns->natts; attno++)
	{
		if (table->columns->names[attno - 1] != NULL)
			*types = lappend_oid(*types, get_atttype(rte->relid, attno));
	}
	return true;
}

/*
 * The fields of a row that is a whole relation in FROM, or one of its columns.
 * A column that is a row itself is not resolved: its type RECORD is among
 * those returned.
 */
static bool
var_field_types(NeonShipContext *ship, Var *var, List **types)
{
	Query	   *query = query_of(ship, var);
	RangeTblEntry *rte;
	ListCell   *lc;

	if (query == NULL || var->varattno != 0)
		return false;
	rte = rt_fetch(var->varno, query->rtable);
	switch (rte->rtekind)
	{
		case RTE_RELATION:
			return table_field_types(ship, rte, types);
		case RTE_SUBQUERY:
			foreach(lc, rte->subquery->targetList)
			{
				TargetEntry *tle = lfirst_node(TargetEntry, lc);

				if (!tle->resjunk)
					*types = lappend_oid(*types,
										 exprType((Node *) tle->expr));
			}
			return true;
		case RTE_CTE:
		case RTE_VALUES:
			*types = list_concat(*types, rte->coltypes);
			return true;
		default:
			return false;
	}
}

bool
neon_row_field_types(NeonShipContext *ship, Node *row, List **types)
{
	ListCell   *lc;

	check_stack_depth();
	if (IsA(row, Var))
		return var_field_types(ship, (Var *) row, types);
	if (IsA(row, SubLink) && ((SubLink *) row)->subLinkType == EXPR_SUBLINK)
		return target_field_types(ship, castNode(Query, ((SubLink *) row)->subselect),
								  types);
	if (!IsA(row, RowExpr))
		return false;
	foreach(lc, ((RowExpr *) row)->args)
	{
		if (!expr_field_types(ship, lfirst(lc), types))
			return false;
	}
	return true;
}
