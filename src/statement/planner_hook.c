/*-------------------------------------------------------------------------
 *
 * statement/planner_hook.c
 *		Statements that run remotely as a whole.
 *
 * If every table that a statement reads and writes lives on one server, under
 * one user mapping, and every expression may run there, then there is nothing
 * to plan: the plan is one node that sends the statement as it stands.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "foreign/foreign.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/planmain.h"
#include "optimizer/planner.h"
#include "parser/parsetree.h"

#include "compat/compat.h"
#include "modify/defaults.h"
#include "modify/routed_defaults.h"
#include "modify/stored_defaults.h"
#include "option/option.h"
#include "ship/write.h"
#include "statement/planner_hook.h"
#include "statement/scan.h"
#include "statement/subquery.h"
#include "statement/write.h"
#include "statement/write_cte.h"

/*
 * Rows that a remote statement is assumed to return, for EXPLAIN: at most a
 * Material node is planned on top of it, so no decision depends on this.
 */
#define ASSUMED_ROWS	1000

bool		neon_statement_pushdown = true;

static planner_hook_type prev_planner_hook = NULL;

/*
 * Adds the range table entries of a query and all queries below it to the
 * plan's, as setrefs.c does: for permission checks and plan invalidation.
 */
static bool
flatten_walker(Node *node, PlannedStmt *stmt)
{
	ListCell   *lc;

	if (node == NULL)
		return false;
	if (!IsA(node, Query))
		return expression_tree_walker(node, flatten_walker, stmt);

	foreach(lc, ((Query *) node)->rtable)
		neon_add_flat_rte(stmt, (Query *) node, lfirst_node(RangeTblEntry, lc));
	neon_add_flat_permissions(stmt, (Query *) node);
	return query_tree_walker((Query *) node, flatten_walker, stmt, 0);
}

/* A range table entry that stands for the rows of the remote query. */
static RangeTblEntry *
result_rte(Query *query)
{
	RangeTblEntry *rte = makeNode(RangeTblEntry);
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, query->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		if (!tle->resjunk)
			names = lappend(names, makeString(pstrdup(tle->resname ?
													  tle->resname : "?column?")));
	}
	rte->rtekind = RTE_RESULT;
	rte->eref = makeAlias("remote", names);
	return rte;
}

static Expr *
plan_expression(Expr *expr, PlannedStmt *stmt)
{
	List	   *relations = NIL;
	List	   *items = NIL;

	expr = expression_planner_with_deps(expr, &relations, &items);
	stmt->relationOids = list_concat(stmt->relationOids, relations);
	stmt->invalItems = list_concat(stmt->invalItems, items);
	return expr;
}

/*
 * The planner takes a Var for a column of a table that it knows, and may look
 * there whether the column can be null.  So while an expression of RETURNING
 * is planned alone, a Param stands for each returned column.
 */
static Node *
hide_vars_mutator(Node *node, List **vars)
{
	Var		   *var = (Var *) node;
	Param	   *param;

	if (node == NULL)
		return NULL;
	if (!IsA(node, Var))
		return expression_tree_mutator(node, hide_vars_mutator, vars);
	param = makeNode(Param);
	param->paramkind = PARAM_EXEC;
	param->paramid = list_length(*vars);
	param->paramtype = var->vartype;
	param->paramtypmod = var->vartypmod;
	param->paramcollid = var->varcollid;
	param->location = -1;
	*vars = lappend(*vars, var);
	return (Node *) param;
}

static Node *
show_vars_mutator(Node *node, List *vars)
{
	if (node == NULL)
		return NULL;
	if (IsA(node, Param) && ((Param *) node)->paramkind == PARAM_EXEC)
		return copyObject(list_nth(vars, ((Param *) node)->paramid));
	return expression_tree_mutator(node, show_vars_mutator, vars);
}

/*
 * Makes the parameters and the expressions of RETURNING executable.  Parse
 * analysis alone does not: the planner expands named and default arguments,
 * for example.
 */
static void
plan_params(CustomScan *plan, PlannedStmt *stmt)
{
	ListCell   *lc;

	foreach(lc, plan->custom_exprs)
		lfirst(lc) = plan_expression(lfirst(lc), stmt);
	foreach(lc, plan->scan.plan.targetlist)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);
		List	   *vars = NIL;
		Node	   *expr = hide_vars_mutator((Node *) tle->expr, &vars);

		expr = (Node *) plan_expression((Expr *) expr, stmt);
		tle->expr = (Expr *) show_vars_mutator(expr, vars);
	}
}

static void
set_costs(CustomScan *plan, Oid serverid)
{
	NeonServerOptions *server = neon_server_options(GetForeignServer(serverid));

	plan->scan.plan.plan_rows = ASSUMED_ROWS;
	plan->scan.plan.startup_cost = server->fdw_startup_cost;
	plan->scan.plan.total_cost = server->fdw_startup_cost +
		server->fdw_tuple_cost * ASSUMED_ROWS;
}

/*
 * True if the query reads the rows of one table as they are.  A foreign scan
 * sends the same text, and can divide the table if it does not fit into one
 * reply.
 */
static bool
is_plain_scan(Query *query)
{
	ListCell   *lc;

	if (list_length(query->rtable) != 1 || query->hasAggs ||
		query->hasWindowFuncs || query->hasTargetSRFs || query->hasSubLinks ||
		query->cteList != NIL || query->groupClause != NIL ||
		query->groupingSets != NIL || query->havingQual != NULL ||
		query->distinctClause != NIL || query->sortClause != NIL ||
		query->limitCount != NULL || query->limitOffset != NULL ||
		linitial_node(RangeTblEntry, query->rtable)->rtekind != RTE_RELATION)
		return false;
	foreach(lc, query->targetList)
	{
		if (!IsA(lfirst_node(TargetEntry, lc)->expr, Var))
			return false;
	}
	return true;
}

/* The node that runs a SELECT on the remote, NULL if it must not run there. */
static CustomScan *
plan_read(Query *query, RangeTblEntry **rte)
{
	NeonRemoteQuery *remote;
	CustomScan *plan;

	if (is_plain_scan(query))
		return NULL;
	remote = neon_remote_query(query);
	if (remote == NULL)
		return NULL;
	plan = neon_statement_scan(remote, query, 1);
	*rte = result_rte(query);
	set_costs(plan, remote->serverid);
	return plan;
}

/* The node that runs a statement that writes, NULL if there is none. */
static CustomScan *
plan_write(Query *query, RangeTblEntry **rte)
{
	NeonRemoteWrite *write = neon_remote_write(query);
	CustomScan *plan;

	if (write == NULL)
		return NULL;
	plan = neon_statement_write(write, 1, rte);
	set_costs(plan, write->remote.serverid);
	return plan;
}

/* What the executor and the plan cache must know of the query. */
static void
set_properties(PlannedStmt *stmt, Query *query)
{
	bool		has_row_security;

	stmt->commandType = query->commandType;
	stmt->hasReturning = query->returningList != NIL;
	stmt->queryId = query->queryId;
	stmt->canSetTag = query->canSetTag;
	stmt->stmt_location = query->stmt_location;
	stmt->stmt_len = query->stmt_len;
	extract_query_dependencies((Node *) query, &stmt->relationOids,
							   &stmt->invalItems, &has_row_security);
}

/*
 * The plan of an INSERT whose rows are made here: PostgreSQL's plan that makes
 * the rows, below the node that sends them.  NULL if the statement is no such
 * INSERT.
 */
static PlannedStmt *
plan_gathered_statement(Query *query, const char *query_string,
						int cursor_options, ParamListInfo params)
{
	NeonRemoteWrite *write = neon_gathered_write(query);
	RangeTblEntry *target;
	RangeTblEntry *rte;
	PlannedStmt *stmt;
	CustomScan *plan;

	if (write == NULL)
		return NULL;
	stmt = neon_plan_query(write->source, query_string,
						   cursor_options & ~CURSOR_OPT_PARALLEL_OK, params);
	plan = neon_statement_write(write, list_length(stmt->rtable) + 1, &rte);
	stmt->rtable = lappend(stmt->rtable, rte);
	target = rt_fetch(query->resultRelation, query->rtable);
	neon_add_flat_rte(stmt, query, target);
	neon_add_flat_permissions(stmt, query);
	neon_set_unprunable_relids(stmt);
	plan->custom_plans = list_make1(stmt->planTree);
	set_costs(plan, write->remote.serverid);
	plan->scan.plan.startup_cost += stmt->planTree->total_cost;
	plan->scan.plan.total_cost += stmt->planTree->total_cost;
	set_properties(stmt, query);
	plan_params(plan, stmt);
	stmt->planTree = (Plan *) plan;
	return stmt;
}

/* The plan of a statement that runs remotely, NULL if it must not run there. */
static PlannedStmt *
plan_remote_statement(Query *query, int cursor_options)
{
	PlannedStmt *stmt;
	CustomScan *plan;
	RangeTblEntry *rte;

	plan = query->commandType == CMD_SELECT ? plan_read(query, &rte) :
		plan_write(query, &rte);
	if (plan == NULL)
		return NULL;
	stmt = makeNode(PlannedStmt);
	stmt->rtable = list_make1(rte);
	(void) flatten_walker((Node *) query, stmt);
	neon_set_unprunable_relids(stmt);

	set_properties(stmt, query);
	plan_params(plan, stmt);

	stmt->planTree = (Plan *) plan;
	if (cursor_options & CURSOR_OPT_SCROLL)
		stmt->planTree = materialize_finished_plan((Plan *) plan);
	return stmt;
}

/* As PostgreSQL does it: tables of ours are written to row by row. */
static PlannedStmt *
plan_locally(NEON_PLANNER_PARAMETERS)
{
	PlannedStmt *volatile stmt = NULL;

	neon_mark_defaults(query);
	neon_defaults_begin();
	PG_TRY();
	{
		stmt = prev_planner_hook != NULL ?
			prev_planner_hook(NEON_PLANNER_ARGUMENTS) :
			standard_planner(NEON_PLANNER_ARGUMENTS);
	}
	PG_FINALLY();
	{
		neon_defaults_end();
	}
	PG_END_TRY();
	neon_settle_nulls(stmt);
	neon_finish_defaults(stmt);
	return stmt;
}

static PlannedStmt *
plan_statement(NEON_PLANNER_PARAMETERS)
{
	neon_refuse_stored_defaults(query);
	neon_drop_defaults(query);
	neon_refuse_early_commits(query);
	if (neon_statement_pushdown && neon_reads_foreign_table(query))
	{
		PlannedStmt *stmt = plan_remote_statement(query, cursor_options);

		if (stmt == NULL)
			stmt = plan_gathered_statement(query, query_string,
										   cursor_options, params);
		if (stmt != NULL)
			return stmt;
		neon_mark_writes(query);
		neon_mark_subqueries(query);
	}
	neon_refuse_writes(query);
	return plan_locally(NEON_PLANNER_ARGUMENTS);
}

void
neon_statement_init(void)
{
	neon_statement_scan_init();
	neon_statement_write_init();
	neon_subquery_init();
	neon_write_cte_init();
	prev_planner_hook = planner_hook;
	planner_hook = plan_statement;
}
