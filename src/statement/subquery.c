/*-------------------------------------------------------------------------
 *
 * statement/subquery.c
 *		Subqueries and CTEs that run remotely as a whole, in statements that
 *		do not.
 *
 * By the time PostgreSQL calls the hook for the paths of a subquery, it has
 * pushed conditions of the outer query into the subquery, where the hook could
 * not tell them from the subquery's own.  So before planning, the subquery is
 * wrapped: (SELECT ... LIMIT ALL), which means the same, but is not merged
 * into the outer query and lets no condition in.  The path hook knows the
 * wrapper by a mark in its LIMIT, takes the conditions that stayed outside,
 * and sends those that may run remotely along with the subquery.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "foreign/foreign.h"
#include "nodes/extensible.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/restrictinfo.h"
#include "rewrite/rewriteManip.h"

#include "compat/compat.h"
#include "option/option.h"
#include "ship/expression.h"
#include "ship/query.h"
#include "statement/scan.h"
#include "statement/subquery.h"

/*
 * Location of the constant in a marking LIMIT.  The parser makes no negative
 * locations but -1.
 */
#define MARK_LOCATION	(-7436)

static set_rel_pathlist_hook_type prev_pathlist_hook = NULL;

static Plan *plan_subquery(PlannerInfo *root, RelOptInfo *rel,
						   CustomPath *path, List *tlist, List *clauses,
						   List *custom_plans);

static const CustomPathMethods path_methods = {
	.CustomName = "Neon Remote Query",
	.PlanCustomPath = plan_subquery
};

/* ---------- marking ---------- */

/* "SELECT all columns FROM (query) remote" */
static Query *
select_from(Query *query)
{
	Query	   *result = makeNode(Query);
	RangeTblEntry *rte = makeNode(RangeTblEntry);
	RangeTblRef *ref = makeNode(RangeTblRef);
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, query->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);
		Node	   *expr = (Node *) tle->expr;
		TargetEntry *column;

		if (tle->resjunk)
			continue;
		column = makeTargetEntry((Expr *) makeVar(1, tle->resno,
												  exprType(expr),
												  exprTypmod(expr),
												  exprCollation(expr), 0),
								 tle->resno, tle->resname, false);
		column->resorigtbl = tle->resorigtbl;
		column->resorigcol = tle->resorigcol;
		result->targetList = lappend(result->targetList, column);
		names = lappend(names, makeString(pstrdup(tle->resname ?
												  tle->resname : "?column?")));
	}

	rte->rtekind = RTE_SUBQUERY;
	rte->subquery = query;
	rte->eref = makeAlias("remote", names);
	rte->inFromCl = true;
	ref->rtindex = 1;
	result->commandType = CMD_SELECT;
	result->querySource = QSRC_ORIGINAL;
	result->canSetTag = true;
	result->rtable = list_make1(rte);
	result->jointree = makeFromExpr(list_make1(ref), NULL);
	return result;
}

/*
 * Adds the relations that the query reads to its wrapper.  The planner
 * collects the relations of a subquery from the subquery's plan, which is not
 * used here: without this, nobody would check permissions on them.
 */
static bool
add_relations_walker(Node *node, Query *wrapper)
{
	ListCell   *lc;

	if (node == NULL)
		return false;
	if (!IsA(node, Query))
		return expression_tree_walker(node, add_relations_walker, wrapper);

	foreach(lc, ((Query *) node)->rtable)
	{
		RangeTblEntry *rte = lfirst_node(RangeTblEntry, lc);

		if (OidIsValid(rte->relid))
			neon_add_checked_relation(wrapper, (Query *) node, rte);
	}
	return query_tree_walker((Query *) node, add_relations_walker, wrapper, 0);
}

void
neon_add_relations(Query *stand_in, Query *query)
{
	(void) add_relations_walker((Node *) query, stand_in);
}

/*
 * The query with a mark, in two wrappers: the inner one has the mark, and must
 * be in the FROM list of another query to get paths, also when the query is a
 * CTE or a sublink.
 */
static Query *
mark(Query *query)
{
	Query	   *marked = select_from(query);
	Query	   *result;
	Const	   *all = makeConst(INT8OID, -1, InvalidOid, sizeof(int64),
								(Datum) 0, true, FLOAT8PASSBYVAL);

	all->location = MARK_LOCATION;
	marked->limitCount = (Node *) all;
	result = select_from(marked);
	neon_add_relations(result, query);
	return result;
}

/* The query in a wrapper with a mark, NULL if this is none. */
static Query *
marked_query(Query *query)
{
	Const	   *limit = (Const *) query->limitCount;

	if (limit == NULL || !IsA(limit, Const) ||
		limit->location != MARK_LOCATION)
		return NULL;
	return linitial_node(RangeTblEntry, query->rtable)->subquery;
}

/* False if the planner merges the query into the outer one, and plans it there. */
static bool
stays_separate(Query *query)
{
	return query->hasAggs || query->hasWindowFuncs || query->hasTargetSRFs ||
		query->groupClause != NIL || query->groupingSets != NIL ||
		query->havingQual != NULL || query->distinctClause != NIL ||
		query->limitCount != NULL || query->limitOffset != NULL ||
		query->setOperations != NULL || query->cteList != NIL;
}

static bool mark_walker(Node *node, void *context);

static Query *
consider(Query *query)
{
	if (stays_separate(query) && neon_remote_query(query) != NULL)
		return mark(query);
	(void) mark_walker((Node *) query, NULL);
	return query;
}

static void
mark_in_query(Query *query)
{
	ListCell   *lc;

	foreach(lc, query->rtable)
	{
		RangeTblEntry *rte = lfirst_node(RangeTblEntry, lc);

		if (rte->rtekind != RTE_SUBQUERY)
			continue;
		/* conditions must not get past a security barrier */
		if (rte->security_barrier)
			(void) mark_walker((Node *) rte->subquery, NULL);
		else
			rte->subquery = consider(rte->subquery);
	}
	foreach(lc, query->cteList)
	{
		CommonTableExpr *cte = lfirst_node(CommonTableExpr, lc);

		if (!cte->cterecursive)
			cte->ctequery = (Node *) consider(castNode(Query, cte->ctequery));
	}
}

static bool
mark_walker(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
	{
		mark_in_query((Query *) node);
		return query_tree_walker((Query *) node, mark_walker, NULL,
								 QTW_IGNORE_RT_SUBQUERIES |
								 QTW_IGNORE_CTE_SUBQUERIES |
								 QTW_IGNORE_JOINALIASES);
	}
	if (IsA(node, SubLink))
	{
		SubLink    *link = (SubLink *) node;

		link->subselect = (Node *) consider(castNode(Query, link->subselect));
		return mark_walker(link->testexpr, NULL);
	}
	return expression_tree_walker(node, mark_walker, NULL);
}

bool
neon_may_be_rechecked(Query *query)
{
	return query->rowMarks != NIL ||
		(query->commandType != CMD_SELECT && query->commandType != CMD_INSERT);
}

void
neon_mark_subqueries(Query *query)
{
	if (!neon_may_be_rechecked(query))
		(void) mark_walker((Node *) query, NULL);
}

/* ---------- planning ---------- */

static bool
is_below_rechecked(PlannerInfo *root)
{
	for (; root != NULL; root = root->parent_root)
	{
		if (neon_may_be_rechecked(root->parse))
			return true;
	}
	return false;
}

/* The columns of the subquery that the outer query uses, by number. */
static Bitmapset *
used_columns(RelOptInfo *rel, List *local_exprs)
{
	Bitmapset  *attrs = NULL;
	Bitmapset  *columns = NULL;
	int			attr = -1;

	pull_varattnos((Node *) rel->reltarget->exprs, rel->relid, &attrs);
	pull_varattnos((Node *) local_exprs, rel->relid, &attrs);
	while ((attr = bms_next_member(attrs, attr)) >= 0)
	{
		int			column = attr + FirstLowInvalidHeapAttributeNumber;

		/* the whole row is all of them */
		if (column == 0)
			return bms_add_range(NULL, 1, rel->max_attr);
		columns = bms_add_member(columns, column);
	}
	return columns;
}

/*
 * "SELECT used columns FROM (query) WHERE ..." with the conditions that may run
 * remotely; the others are returned in *local_exprs.
 */
static Query *
query_with_conditions(NeonRemoteQuery *remote, Query *query, RelOptInfo *rel,
					  List *clauses, List **local_exprs)
{
	Query	   *outer = select_from(query);
	List	   *remote_exprs = NIL;
	List	   *columns = NIL;
	Bitmapset  *used;
	ListCell   *lc;

	remote->ship.queries = list_make1(outer);
	foreach(lc, extract_actual_clauses(clauses, false))
	{
		Node	   *expr = copyObject(lfirst(lc));

		ChangeVarNodes(expr, rel->relid, 1, 0);
		if (neon_is_shippable(&remote->ship, (Expr *) expr))
			remote_exprs = lappend(remote_exprs, expr);
		else
			*local_exprs = lappend(*local_exprs, lfirst(lc));
	}
	remote->ship.queries = NIL;
	outer->jointree->quals = (Node *) make_ands_explicit(remote_exprs);
	if (remote_exprs == NIL)
		outer->jointree->quals = NULL;

	used = used_columns(rel, *local_exprs);
	foreach(lc, outer->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		if (bms_is_member(tle->resno, used))
		{
			columns = lappend(columns, tle);
			/* numbers the columns of the reply from now on */
			tle->resno = list_length(columns);
		}
	}
	outer->targetList = columns;
	return outer;
}

/* The scan's columns are the used columns of the subquery's relation. */
static void
set_scan_columns(CustomScan *plan, Query *outer, Index relid)
{
	int			n = 0;
	ListCell   *lc;
	ListCell   *lc2;

	forboth(lc, outer->targetList, lc2, plan->custom_scan_tlist)
	{
		TargetEntry *column = lfirst_node(TargetEntry, lc);
		TargetEntry *tle = lfirst_node(TargetEntry, lc2);
		Var		   *var = copyObject(castNode(Var, column->expr));

		var->varno = relid;
		var->varnosyn = relid;
		tle->expr = (Expr *) var;
		tle->resno = ++n;
	}
}

static Plan *
plan_subquery(PlannerInfo *root, RelOptInfo *rel, CustomPath *path,
			  List *tlist, List *clauses, List *custom_plans)
{
	Query	   *query = linitial_node(Query, path->custom_private);
	NeonRemoteQuery *remote = neon_remote_query(query);
	List	   *local_exprs = NIL;
	Query	   *outer;
	CustomScan *plan;

	/* options of the server can change at any time */
	if (remote == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("foreign server was altered while a statement on it was planned"),
				 errhint("Run the statement again.")));
	outer = query_with_conditions(remote, query, rel, clauses, &local_exprs);
	plan = neon_statement_scan(remote, outer, rel->relid);
	set_scan_columns(plan, outer, rel->relid);
	/* expands named arguments, for example: query was not preprocessed */
	plan->custom_exprs = (List *)
		eval_const_expressions(root, (Node *) plan->custom_exprs);
	plan->scan.plan.targetlist = tlist;
	plan->scan.plan.qual = local_exprs;
	plan->flags = path->flags;
	return (Plan *) plan;
}

/* Adds a path that runs the subquery, with conditions, in one request. */
static void
add_subquery_path(PlannerInfo *root, RelOptInfo *rel, Query *query,
				  Oid serverid)
{
	NeonServerOptions *server = neon_server_options(GetForeignServer(serverid));
	CustomPath *path = makeNode(CustomPath);

	path->path.pathtype = T_CustomScan;
	path->path.parent = rel;
	path->path.pathtarget = rel->reltarget;
	path->path.rows = rel->rows;
	path->path.startup_cost = server->fdw_startup_cost;
	path->path.total_cost = server->fdw_startup_cost +
		rel->rows * (server->fdw_tuple_cost + cpu_tuple_cost);
	path->flags = CUSTOMPATH_SUPPORT_PROJECTION;
	path->custom_private = list_make1(query);
	path->methods = &path_methods;
	add_path(rel, (Path *) path);
}

static void
offer_subquery_path(PlannerInfo *root, RelOptInfo *rel, Index rti,
					RangeTblEntry *rte)
{
	Query	   *query;
	NeonRemoteQuery *remote;

	if (prev_pathlist_hook != NULL)
		prev_pathlist_hook(root, rel, rti, rte);
	if (rte->rtekind != RTE_SUBQUERY || rte->subquery == NULL ||
		!bms_is_empty(rel->lateral_relids))
		return;
	query = marked_query(rte->subquery);
	if (query == NULL || is_below_rechecked(root))
		return;
	remote = neon_remote_query(query);
	if (remote != NULL)
		add_subquery_path(root, rel, query, remote->serverid);
}

void
neon_subquery_init(void)
{
	prev_pathlist_hook = set_rel_pathlist_hook;
	set_rel_pathlist_hook = offer_subquery_path;
}
