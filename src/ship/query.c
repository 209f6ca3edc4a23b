/*-------------------------------------------------------------------------
 *
 * ship/query.c
 *		May this whole query run on the remote?
 *
 * Two questions, one after the other.  First, whom does it read: only
 * foreign tables of one server, as one user?  Then, may every expression in
 * it run there?  Expressions are judged by ship/expression.c, which comes back here
 * for the queries inside them.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/transam.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_proc.h"
#include "foreign/fdwapi.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"

#include "compat/compat.h"
#include "option/own.h"
#include "option/remote_type.h"
#include "option/table_cache.h"
#include "ship/portable.h"
#include "ship/query.h"
#include "ship/sort_name.h"

/* What the walk over all range tables has found. */
typedef struct SourceWalk
{
	Query	   *query;			/* the one whose range table is walked */
	NeonRemoteQuery *remote;
	bool		found;			/* a foreign table of ours */
	bool		only_looking;	/* for one, nothing else */
} SourceWalk;

static bool other_source_walker(Node *node, SourceWalk *walk);

/* ---------- whom does it read? ---------- */

/* In the FROM list, not there for permission checks alone (old views)? */
static bool
in_jointree_walker(Node *node, int *rtindex)
{
	if (node == NULL)
		return false;
	if (IsA(node, RangeTblRef))
		return ((RangeTblRef *) node)->rtindex == *rtindex;
	if (IsA(node, FromExpr))
		return in_jointree_walker((Node *) ((FromExpr *) node)->fromlist,
								  rtindex);
	if (IsA(node, JoinExpr))
		return in_jointree_walker(((JoinExpr *) node)->larg, rtindex) ||
			in_jointree_walker(((JoinExpr *) node)->rarg, rtindex);
	if (IsA(node, List))
		return expression_tree_walker(node, in_jointree_walker, rtindex);
	return false;
}

/* False if it gives a type another name than the others do. */
static bool
add_table(NeonRemoteQuery *remote, Oid relid)
{
	const NeonTable *cached = neon_table(relid);
	NeonRemoteTable *table;

	if (neon_find_table(&remote->ship, relid) != NULL)
		return true;
	if (!neon_remote_types_agree(remote->ship.types, cached->columns->types))
		return false;
	table = palloc(sizeof(NeonRemoteTable));
	table->relid = relid;
	table->options = cached->options;
	table->columns = cached->columns;
	remote->ship.tables = lappend(remote->ship.tables, table);
	remote->ship.types = list_concat(remote->ship.types,
									 table->columns->types);
	return true;
}

/* True if a relation is something else than a table of the one server. */
static bool
is_other_relation(SourceWalk *walk, RangeTblEntry *rte)
{
	NeonRemoteQuery *remote = walk->remote;
	int			rtindex = 1;
	Oid			serverid;
	Oid			userid;
	ListCell   *lc;

	if (walk->only_looking)
	{
		walk->found = rte->relkind == RELKIND_FOREIGN_TABLE &&
			neon_is_own_table(rte->relid);
		return walk->found;
	}
	foreach(lc, walk->query->rtable)
	{
		if (lfirst(lc) == rte)
			break;
		rtindex++;
	}
	if (!in_jointree_walker((Node *) walk->query->jointree, &rtindex))
		return rte->relkind != RELKIND_VIEW;
	if (rte->relkind != RELKIND_FOREIGN_TABLE || rte->tablesample != NULL ||
		rte->securityQuals != NIL || !neon_is_own_table(rte->relid))
		return true;
	if (rte->inh && has_subclass(rte->relid))
		return true;

	serverid = GetForeignServerIdByRelId(rte->relid);
	userid = neon_rte_check_as_user(walk->query, rte);
	if (walk->found &&
		(serverid != remote->serverid || userid != remote->userid))
		return true;
	walk->found = true;
	remote->serverid = serverid;
	remote->userid = userid;
	return !add_table(remote, rte->relid);
}

/* True if a range table entry is something that cannot go. */
static bool
is_other_source(SourceWalk *walk, RangeTblEntry *rte)
{
	switch (rte->rtekind)
	{
		case RTE_RELATION:
			return is_other_relation(walk, rte);
		case RTE_SUBQUERY:
			return rte->security_barrier || rte->tablesample != NULL;
		case RTE_JOIN:
		case RTE_VALUES:
		case RTE_CTE:
		case RTE_FUNCTION:
			return rte->securityQuals != NIL;
		case RTE_RESULT:
			return false;		/* stands for nothing, see ship/write.c */
		default:
			return neon_rte_is_other(rte);
	}
}

static bool
other_source_walker(Node *node, SourceWalk *walk)
{
	if (node == NULL)
		return false;
	if (IsA(node, RangeTblEntry))
		return is_other_source(walk, (RangeTblEntry *) node) &&
			(!walk->only_looking || walk->found);
	if (IsA(node, Query))
	{
		Query	   *outer = walk->query;
		bool		result;

		walk->query = (Query *) node;
		result = query_tree_walker((Query *) node, other_source_walker, walk,
								   QTW_EXAMINE_RTES_BEFORE);
		walk->query = outer;
		return result;
	}
	return expression_tree_walker(node, other_source_walker, walk);
}

bool
neon_reads_foreign_table(Query *query)
{
	SourceWalk	walk = {0};

	walk.only_looking = true;
	(void) other_source_walker((Node *) query, &walk);
	return walk.found;
}

NeonRemoteTable *
neon_find_table(NeonShipContext *ship, Oid relid)
{
	ListCell   *lc;

	foreach(lc, ship->tables)
	{
		NeonRemoteTable *table = lfirst(lc);

		if (table->relid == relid)
			return table;
	}
	return NULL;
}

/* ---------- may its expressions go? ---------- */

bool
neon_is_query_var_shippable(NeonShipContext *ship, Var *var)
{
	Query	   *query;
	RangeTblEntry *rte;
	NeonRemoteTable *table;

	if (var->varlevelsup >= list_length(ship->queries) || var->varattno <= 0)
		return false;
	query = list_nth(ship->queries, var->varlevelsup);
	rte = rt_fetch(var->varno, query->rtable);
	if (rte->rtekind != RTE_RELATION)
		return true;
	table = neon_find_table(ship, rte->relid);
	return table != NULL && var->varattno <= table->columns->natts &&
		table->columns->names[var->varattno - 1] != NULL &&
		!table->columns->ambiguous[var->varattno - 1];
}

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
 * Functions in FROM.  The function itself is printed, only its arguments
 * may become parameters; a column definition list would print local types.
 */
static bool
is_function_shippable(NeonShipContext *ship, RangeTblFunction *function)
{
	FuncExpr   *expr = (FuncExpr *) function->funcexpr;

	return function->funccolnames == NIL && IsA(expr, FuncExpr) &&
		neon_is_builtin(expr->funcid) &&
		neon_calls_are_portable(ship->extensions, (Node *) expr) &&
		is_list_shippable(ship, expr->args);
}

static bool
is_rte_shippable(NeonShipContext *ship, RangeTblEntry *rte)
{
	ListCell   *lc;

	switch (rte->rtekind)
	{
		case RTE_SUBQUERY:
			return neon_is_query_shippable(ship, rte->subquery);
		case RTE_CTE:
			/* one of a query around the one that is judged stays here */
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

/* Quals of the FROM list; also USING, which is printed by name alone. */
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
			!neon_is_query_shippable(ship, castNode(Query, cte->ctequery)))
			return false;
	}
	return true;
}

/* What only a query of the top level may be judged by. */
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
		are_sorts_shippable(ship, query->distinctClause) &&
		are_sorts_shippable(ship, query->sortClause) &&
		!neon_is_sort_ambiguous(ship, query) &&
		are_windows_shippable(ship, query->windowClause) &&
		are_set_operations_shippable(ship, query->setOperations);
}

bool
neon_is_query_shippable(NeonShipContext *ship, Query *query)
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

static void
set_extensions(NeonRemoteQuery *remote)
{
	remote->ship.extensions =
		neon_server_options(GetForeignServer(remote->serverid))->extensions;
}

NeonRemoteQuery *
neon_remote_query(Query *query)
{
	NeonRemoteQuery *remote = palloc0(sizeof(NeonRemoteQuery));
	SourceWalk	walk = {0};

	walk.remote = remote;
	if (other_source_walker((Node *) query, &walk) || !walk.found)
		return NULL;
	set_extensions(remote);
	if (!is_result_readable(query) ||
		!neon_is_query_shippable(&remote->ship, query))
		return NULL;
	return remote;
}

NeonRemoteTable *
neon_remote_target(NeonRemoteQuery *remote, Query *query, RangeTblEntry *rte)
{
	remote->serverid = GetForeignServerIdByRelId(rte->relid);
	remote->userid = neon_rte_check_as_user(query, rte);
	set_extensions(remote);
	add_table(remote, rte->relid);
	return neon_find_table(&remote->ship, rte->relid);
}

bool
neon_is_source_shippable(NeonRemoteQuery *remote, Query *source)
{
	SourceWalk	walk = {0};

	walk.remote = remote;
	walk.found = true;
	return !other_source_walker((Node *) source, &walk) &&
		neon_is_query_shippable(&remote->ship, source);
}
