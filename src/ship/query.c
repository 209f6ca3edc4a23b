/*-------------------------------------------------------------------------
 *
 * ship/query.c
 *		May this whole query run on the remote?
 *
 * ship/source.c has found that the query reads foreign tables of one server
 * only.  Here each clause is judged, and by ship/expression.c each expression,
 * which calls back for the queries inside expressions.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "foreign/fdwapi.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"

#include "compat/compat.h"
#include "option/remote_type.h"
#include "ship/expression.h"
#include "ship/local_value.h"
#include "ship/portable.h"
#include "ship/query.h"
#include "ship/sort_name.h"

static bool is_query_shippable(NeonShipContext *ship, Query *query);

static bool
is_list_shippable(NeonShipContext *ship, List *exprs)
{
	ListCell   *lc;

	foreach(lc, exprs)
	{
		if (!neon_is_shippable(ship, lfirst(lc)))
			return false;
	}
	return true;
}

/*
 * A function in FROM is printed as a call, only its arguments may become
 * parameters.  A column definition list would be printed with local types.
 */
static bool
is_function_shippable(NeonShipContext *ship, RangeTblFunction *function)
{
	FuncExpr   *expr = (FuncExpr *) function->funcexpr;

	return function->funccolnames == NIL && IsA(expr, FuncExpr) &&
		neon_is_builtin(expr->funcid) &&
		neon_calls_are_portable(ship, (Node *) expr) &&
		is_list_shippable(ship, expr->args);
}

static bool
is_rte_shippable(NeonShipContext *ship, RangeTblEntry *rte)
{
	ListCell   *lc;

	switch (rte->rtekind)
	{
		case RTE_SUBQUERY:
			return is_query_shippable(ship, rte->subquery);
		case RTE_CTE:
			/* a CTE of a query around the one that is judged stays here */
			return rte->ctelevelsup < list_length(ship->queries);
		case RTE_FUNCTION:
			foreach(lc, rte->functions)
			{
				if (!is_function_shippable(ship, lfirst(lc)))
					return false;
			}
			return true;
		case RTE_VALUES:
			foreach(lc, rte->values_lists)
			{
				if (!is_list_shippable(ship, lfirst(lc)))
					return false;
			}
			return true;
		default:
			return is_list_shippable(ship, neon_rte_group_exprs(rte));
	}
}

/* Judges the conditions in the FROM list, those made of USING included. */
static bool
is_jointree_shippable(NeonShipContext *ship, Node *node)
{
	ListCell   *lc;

	if (node == NULL || IsA(node, RangeTblRef))
		return true;
	if (IsA(node, JoinExpr))
	{
		JoinExpr   *join = (JoinExpr *) node;

		return is_jointree_shippable(ship, join->larg) &&
			is_jointree_shippable(ship, join->rarg) &&
			(join->quals == NULL ||
			 neon_is_shippable(ship, (Expr *) join->quals));
	}
	foreach(lc, castNode(FromExpr, node)->fromlist)
	{
		if (!is_jointree_shippable(ship, lfirst(lc)))
			return false;
	}
	return ((FromExpr *) node)->quals == NULL ||
		neon_is_shippable(ship, (Expr *) ((FromExpr *) node)->quals);
}

static bool
are_sorts_shippable(NeonShipContext *ship, List *clauses)
{
	ListCell   *lc;

	foreach(lc, clauses)
	{
		if (!neon_is_sort_shippable(ship, lfirst(lc)))
			return false;
	}
	return true;
}

static bool
are_windows_shippable(NeonShipContext *ship, List *windows)
{
	ListCell   *lc;

	foreach(lc, windows)
	{
		WindowClause *window = lfirst_node(WindowClause, lc);

		if (!are_sorts_shippable(ship, window->partitionClause) ||
			!are_sorts_shippable(ship, window->orderClause) ||
			!neon_is_builtin(window->startInRangeFunc) ||
			!neon_is_builtin(window->endInRangeFunc) ||
			(window->startOffset != NULL &&
			 !neon_is_shippable(ship, (Expr *) window->startOffset)) ||
			(window->endOffset != NULL &&
			 !neon_is_shippable(ship, (Expr *) window->endOffset)))
			return false;
	}
	return true;
}

static bool
are_set_operations_shippable(NeonShipContext *ship, Node *node)
{
	SetOperationStmt *setop = (SetOperationStmt *) node;

	if (node == NULL || IsA(node, RangeTblRef))
		return true;
	return are_sorts_shippable(ship, setop->groupClauses) &&
		are_set_operations_shippable(ship, setop->larg) &&
		are_set_operations_shippable(ship, setop->rarg);
}

static bool
are_ctes_shippable(NeonShipContext *ship, List *ctes)
{
	ListCell   *lc;

	foreach(lc, ctes)
	{
		CommonTableExpr *cte = lfirst_node(CommonTableExpr, lc);

		if (cte->search_clause != NULL || cte->cycle_clause != NULL ||
			!is_query_shippable(ship, castNode(Query, cte->ctequery)))
			return false;
	}
	return true;
}

/*
 * Grouping sets make nulls of the expressions that a set does not have,
 * wherever they stand.  What contains one that is a value from here must not
 * be computed here, so that all of the query stays.
 */
static bool
has_local_sets(NeonShipContext *ship, Query *query)
{
	List	   *exprs;
	ListCell   *lc;

	if (query->groupingSets == NIL)
		return false;
	exprs = get_sortgrouplist_exprs(query->groupClause, query->targetList);
	foreach(lc, query->rtable)
		exprs = list_concat(exprs, neon_rte_group_exprs(lfirst(lc)));
	foreach(lc, exprs)
	{
		if (neon_is_local_value(ship, lfirst(lc), false))
			return true;
	}
	return false;
}

/* A SELECT without row locks and without anything that writes. */
static bool
is_plain_select(Query *query)
{
	return query->commandType == CMD_SELECT && query->utilityStmt == NULL &&
		query->rowMarks == NIL && !query->hasForUpdate &&
		!query->hasModifyingCTE && !query->hasRowSecurity;
}

static bool
are_parts_shippable(NeonShipContext *ship, Query *query)
{
	ListCell   *lc;

	if (!are_ctes_shippable(ship, query->cteList))
		return false;
	foreach(lc, query->rtable)
	{
		if (!is_rte_shippable(ship, lfirst(lc)))
			return false;
	}
	foreach(lc, query->targetList)
	{
		if (!neon_is_shippable(ship, lfirst_node(TargetEntry, lc)->expr))
			return false;
	}
	return is_jointree_shippable(ship, (Node *) query->jointree) &&
		(query->havingQual == NULL ||
		 neon_is_shippable(ship, (Expr *) query->havingQual)) &&
		(query->limitCount == NULL ||
		 neon_is_shippable(ship, (Expr *) query->limitCount)) &&
		(query->limitOffset == NULL ||
		 neon_is_shippable(ship, (Expr *) query->limitOffset)) &&
		are_sorts_shippable(ship, query->groupClause) &&
		!has_local_sets(ship, query) &&
		are_sorts_shippable(ship, query->distinctClause) &&
		are_sorts_shippable(ship, query->sortClause) &&
		!neon_is_sort_ambiguous(ship, query) &&
		are_windows_shippable(ship, query->windowClause) &&
		are_set_operations_shippable(ship, query->setOperations);
}

static bool
is_query_shippable(NeonShipContext *ship, Query *query)
{
	bool		result;

	check_stack_depth();
	if (!is_plain_select(query))
		return false;
	ship->queries = lcons(query, ship->queries);
	result = are_parts_shippable(ship, query);
	ship->queries = list_delete_first(ship->queries);
	return result;
}

static bool
is_result_readable(Query *query)
{
	ListCell   *lc;

	foreach(lc, query->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		if (!tle->resjunk &&
			!neon_type_is_readable(exprType((Node *) tle->expr)))
			return false;
	}
	return true;
}

/* What judging needs besides the tables, once the server is known. */
static void
begin_judging(NeonRemoteQuery *remote)
{
	NeonServerOptions *server =
		neon_server_options(GetForeignServer(remote->serverid));

	remote->ship.extensions = server->extensions;
	remote->ship.extension_schemas = server->extension_schemas;
	remote->ship.is_query_shippable = is_query_shippable;
}

NeonRemoteQuery *
neon_remote_query(Query *query)
{
	NeonRemoteQuery *remote = palloc0(sizeof(NeonRemoteQuery));

	if (!neon_reads_one_server(remote, (Node *) query))
		return NULL;
	begin_judging(remote);
	if (!is_result_readable(query) ||
		!is_query_shippable(&remote->ship, query))
		return NULL;
	return remote;
}

NeonQueryTable *
neon_remote_target(NeonRemoteQuery *remote, Query *query, RangeTblEntry *rte)
{
	remote->serverid = GetForeignServerIdByRelId(rte->relid);
	remote->userid = neon_rte_check_as_user(query, rte);
	remote->ship.writes = true;
	begin_judging(remote);
	(void) neon_add_table(&remote->ship, rte->relid);
	return neon_find_table(&remote->ship, rte->relid);
}

bool
neon_is_source_shippable(NeonRemoteQuery *remote, Query *source)
{
	return neon_reads_one_server(remote, (Node *) source) &&
		is_query_shippable(&remote->ship, source);
}
