/*-------------------------------------------------------------------------
 *
 * statement/write_cte.c
 *		Whole statements that write in WITH.
 *
 * An INSERT, UPDATE or DELETE in WITH runs remotely as it would by itself, by
 * the same node, whose rows the rest of the statement reads.  That makes ON
 * CONFLICT possible there, which PostgreSQL's planner refuses on foreign
 * tables, and takes one request instead of one for each row.
 *
 * The planner must not see the statement.  In its place it sees
 *
 *		SELECT what RETURNING computes FROM (VALUES ...) remote
 *
 * where the VALUES stand for the columns that come back, and carry the
 * finished node in a field that no VALUES use.  The path hook makes the node
 * the only way to read them.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "foreign/fdwapi.h"
#include "foreign/foreign.h"
#include "nodes/extensible.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/restrictinfo.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteManip.h"
#include "utils/lsyscache.h"

#include "compat/compat.h"
#include "option/option.h"
#include "ship/target.h"
#include "ship/write.h"
#include "statement/subquery.h"
#include "statement/write.h"
#include "statement/write_cte.h"

static set_rel_pathlist_hook_type prev_pathlist_hook = NULL;

/* ---------- what the statement reads of its siblings ---------- */

typedef struct ReferenceWalk
{
	int			level;			/* of the WITH, seen from the current query */
	List	   *names;			/* String: entries of WITH that are read */
} ReferenceWalk;

static bool
reference_walker(Node *node, ReferenceWalk *walk)
{
	if (node == NULL)
		return false;
	if (IsA(node, RangeTblEntry))
	{
		RangeTblEntry *rte = (RangeTblEntry *) node;

		if (rte->rtekind == RTE_CTE && rte->ctelevelsup == walk->level)
			walk->names = lappend(walk->names, makeString(rte->ctename));
		return false;
	}
	if (IsA(node, Query))
	{
		walk->level++;
		(void) query_tree_walker((Query *) node, reference_walker, walk,
								 QTW_EXAMINE_RTES_BEFORE);
		walk->level--;
		return false;
	}
	return expression_tree_walker(node, reference_walker, walk);
}

static CommonTableExpr *
find_cte(List *ctes, const char *name)
{
	ListCell   *lc;

	foreach(lc, ctes)
	{
		CommonTableExpr *cte = lfirst_node(CommonTableExpr, lc);

		if (strcmp(cte->ctename, name) == 0)
			return cte;
	}
	return NULL;
}

static bool
is_repeatable(CommonTableExpr *cte)
{
	return castNode(Query, cte->ctequery)->commandType == CMD_SELECT &&
		!contain_volatile_functions(cte->ctequery);
}

/*
 * A copy of the statement that has what it reads of the query's WITH in a WITH
 * of its own: then both compute that.  NULL if they could get different rows.
 */
static Query *
with_siblings(Query *query, Query *statement)
{
	ReferenceWalk walk = {0};
	List	   *found = NIL;
	int			n = 0;
	ListCell   *lc;

	statement = copyObject(statement);
	(void) reference_walker((Node *) statement, &walk);
	for (int i = 0; i < list_length(walk.names); i++)
	{
		char	   *name = strVal(list_nth(walk.names, i));
		CommonTableExpr *cte = find_cte(query->cteList, name);

		if (cte == NULL || !is_repeatable(cte) ||
			find_cte(statement->cteList, name) != NULL)
			return NULL;
		if (list_member_ptr(found, cte))
			continue;
		found = lappend(found, cte);
		/* the walk adds what the entry reads itself to the names */
		(void) reference_walker(cte->ctequery, &walk);
	}
	if (found == NIL)
		return statement;

	IncrementVarSublevelsUp((Node *) statement, -1, 1);
	foreach(lc, query->cteList)
	{
		if (!list_member_ptr(found, lfirst(lc)))
			continue;
		statement->cteList = list_insert_nth(statement->cteList, n++,
											 copyObject(lfirst(lc)));
	}
	statement->hasRecursive = statement->hasRecursive || query->hasRecursive;
	return statement;
}

/* ---------- what the planner sees ---------- */

/* "(VALUES (NULL, ...), (NULL, ...)) remote": one row would be merged. */
static RangeTblEntry *
returned_values(CustomScan *plan, RangeTblEntry *returned)
{
	RangeTblEntry *rte = makeNode(RangeTblEntry);
	List	   *row = NIL;
	ListCell   *lc;

	foreach(lc, plan->custom_scan_tlist)
	{
		Var		   *var = (Var *) lfirst_node(TargetEntry, lc)->expr;

		row = lappend(row, makeNullConst(var->vartype, var->vartypmod,
										 var->varcollid));
		rte->coltypes = lappend_oid(rte->coltypes, var->vartype);
		rte->coltypmods = lappend_int(rte->coltypmods, var->vartypmod);
		rte->colcollations = lappend_oid(rte->colcollations, var->varcollid);
	}
	rte->rtekind = RTE_VALUES;
	rte->values_lists = list_make2(row, copyObject(row));
	rte->eref = returned->eref;
	rte->inFromCl = true;
	rte->functions = list_make1(plan);
	return rte;
}

/* The node that these VALUES stand for, NULL if they are a user's. */
static CustomScan *
hidden_node(RangeTblEntry *rte)
{
	return rte->rtekind == RTE_VALUES && rte->functions != NIL ?
		linitial_node(CustomScan, rte->functions) : NULL;
}

static Query *
stand_in(Query *statement, CustomScan *plan, RangeTblEntry *returned)
{
	Query	   *result = makeNode(Query);
	RangeTblRef *ref = makeNode(RangeTblRef);
	ListCell   *lc;

	result->commandType = CMD_SELECT;
	result->querySource = QSRC_ORIGINAL;
	result->canSetTag = statement->canSetTag;
	result->targetList = copyObject(plan->scan.plan.targetlist);
	ChangeVarNodes((Node *) result->targetList, INDEX_VAR, 1, 0);
	foreach(lc, result->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		tle->resname = pstrdup(((TargetEntry *)
								list_nth(statement->returningList,
										 foreach_current_index(lc)))->resname);
	}
	ref->rtindex = 1;
	result->rtable = list_make1(returned_values(plan, returned));
	result->jointree = makeFromExpr(list_make1(ref), NULL);
	neon_add_relations(result, statement);
	return result;
}

static void
mark_write(Query *query, CommonTableExpr *cte)
{
	Query	   *statement = with_siblings(query, castNode(Query, cte->ctequery));
	NeonRemoteWrite *write;
	CustomScan *plan;
	RangeTblEntry *returned;

	if (statement == NULL)
		return;
	write = neon_remote_write(statement);
	if (write == NULL)
		return;
	plan = neon_statement_write(write, 1, &returned);
	if (plan == NULL)
		return;
	cte->ctequery = (Node *) stand_in(statement, plan, returned);
	/* it must be run once, whether or not anything reads it */
	cte->ctematerialized = CTEMaterializeAlways;
	cte->cterefcount = Max(cte->cterefcount, 1);
}

/* ---------- what the parts of a statement see of each other ---------- */

typedef struct ReadTables
{
	Query	   *writer;
	bool		sees_target;	/* it looks at rows that are there already */
	Oid			relid;			/* is this one read? */
} ReadTables;

static bool
reads_walker(Node *node, ReadTables *reads)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
	{
		Query	   *query = (Query *) node;
		ListCell   *lc;

		foreach(lc, query->rtable)
		{
			RangeTblEntry *rte = lfirst_node(RangeTblEntry, lc);

			if (rte->rtekind == RTE_RELATION && rte->relid == reads->relid &&
				(query != reads->writer || reads->sees_target ||
				 foreach_current_index(lc) + 1 != query->resultRelation))
				return true;
		}
		return query_tree_walker(query, reads_walker, reads, 0);
	}
	return expression_tree_walker(node, reads_walker, reads);
}

/*
 * Does a part that writes look at rows of this table?  What it reads of the
 * same WITH is not followed: any SELECT there counts as read.
 */
static bool
looks_at(Query *query, Query *writer, Oid relid)
{
	ReadTables	reads = {writer};
	ListCell   *lc;

	reads.sees_target = writer->commandType != CMD_INSERT ||
		writer->onConflict != NULL;
	reads.relid = relid;
	foreach(lc, query->cteList)
	{
		Node	   *cte = lfirst_node(CommonTableExpr, lc)->ctequery;

		if (castNode(Query, cte)->commandType == CMD_SELECT &&
			reads_walker(cte, &reads))
			return true;
	}
	return reads_walker((Node *) writer, &reads);
}

/*
 * All parts of a statement see the rows as they were before it; but what is
 * rehearsed sees what was rehearsed before.  That makes no difference as long
 * as no part that writes looks at what another one writes to.
 */
static bool
are_independent(Query *query)
{
	List	   *writers = NIL;
	ListCell   *lc;
	ListCell   *lc2;

	if (query->commandType != CMD_SELECT)
		writers = list_make1(query);
	foreach(lc, query->cteList)
	{
		Query	   *cte = castNode(Query,
								   lfirst_node(CommonTableExpr, lc)->ctequery);

		if (cte->commandType != CMD_SELECT)
			writers = lappend(writers, cte);
	}
	foreach(lc, writers)
	{
		Query	   *writer = lfirst(lc);
		Oid			relid;

		relid = rt_fetch(writer->resultRelation, writer->rtable)->relid;
		foreach(lc2, writers)
		{
			if (lfirst(lc2) != writer && lfirst(lc2) != query &&
				looks_at(query, lfirst(lc2), relid))
				return false;
		}
	}
	return true;
}

void
neon_mark_writes(Query *query)
{
	ListCell   *lc;

	if (!query->hasModifyingCTE || neon_may_be_rechecked(query) ||
		!are_independent(query))
		return;
	foreach(lc, query->cteList)
	{
		CommonTableExpr *cte = lfirst_node(CommonTableExpr, lc);

		if (castNode(Query, cte->ctequery)->commandType != CMD_SELECT)
			mark_write(query, cte);
	}
}

static bool
commits_at_once(Oid relid)
{
	ForeignServer *server = GetForeignServer(GetForeignServerIdByRelId(relid));

	return neon_server_options(server)->autocommit;
}

/* Does a query, or one that it contains, look at rows of this table? */
static bool
reads_table(Query *query, Oid relid)
{
	ReadTables	reads = {query};

	reads.sees_target = query->commandType != CMD_INSERT ||
		query->onConflict != NULL;
	reads.relid = relid;
	return reads_walker((Node *) query, &reads);
}

/* Does another part of the statement look at the table that this one writes? */
static bool
is_read_elsewhere(Query *query, Query *writer, Oid relid)
{
	Query		body = *query;
	ListCell   *lc;

	body.cteList = NIL;
	if (reads_table(&body, relid))
		return true;
	foreach(lc, query->cteList)
	{
		Query	   *cte = castNode(Query,
								   lfirst_node(CommonTableExpr, lc)->ctequery);

		if (cte != writer && reads_table(cte, relid))
			return true;
	}
	return false;
}

/*
 * In autocommit mode a part is committed when it is done: one that runs later
 * would see rows as they must not be yet.
 */
static void
refuse_early_commit(Query *query, Query *writer)
{
	RangeTblEntry *rte = rt_fetch(writer->resultRelation, writer->rtable);

	if (!neon_is_own_target(rte) || !commits_at_once(rte->relid) ||
		!is_read_elsewhere(query, writer, rte->relid))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot write to foreign table \"%s\" in WITH and read it in the same statement in autocommit mode",
					get_rel_name(rte->relid)),
			 errdetail("The remote server would commit what is written before the other part is read."),
			 errhint("Use two statements, or server option transactions 'atomic'.")));
}

void
neon_refuse_early_commits(Query *query)
{
	ListCell   *lc;

	if (!query->hasModifyingCTE)
		return;
	foreach(lc, query->cteList)
	{
		Query	   *cte = castNode(Query,
								   lfirst_node(CommonTableExpr, lc)->ctequery);

		if (cte->commandType != CMD_SELECT)
			refuse_early_commit(query, cte);
	}
}

void
neon_refuse_writes(Query *query)
{
	ListCell   *lc;

	if (query->commandType == CMD_INSERT)
		neon_refuse_write(query);
	foreach(lc, query->cteList)
	{
		Query	   *statement = castNode(Query,
										 lfirst_node(CommonTableExpr, lc)->ctequery);

		if (statement->commandType == CMD_INSERT)
			neon_refuse_write(statement);
	}
}

/* ---------- planning ---------- */

static Plan *
plan_write(PlannerInfo *root, RelOptInfo *rel, CustomPath *path, List *tlist,
		   List *clauses, List *custom_plans)
{
	CustomScan *plan = copyObject(linitial_node(CustomScan,
												path->custom_private));

	plan->custom_exprs = (List *)
		eval_const_expressions(root, (Node *) plan->custom_exprs);
	plan->scan.plan.targetlist = tlist;
	plan->scan.plan.qual = extract_actual_clauses(clauses, false);
	plan->flags = path->flags;
	return (Plan *) plan;
}

static const CustomPathMethods path_methods = {
	.CustomName = "Neon Remote Write",
	.PlanCustomPath = plan_write
};

static void
set_write_path(PlannerInfo *root, RelOptInfo *rel, Index rti,
			   RangeTblEntry *rte)
{
	CustomScan *plan;
	CustomPath *path;

	if (prev_pathlist_hook != NULL)
		prev_pathlist_hook(root, rel, rti, rte);
	plan = hidden_node(rte);
	if (plan == NULL)
		return;
	path = makeNode(CustomPath);
	path->path.pathtype = T_CustomScan;
	path->path.parent = rel;
	path->path.pathtarget = rel->reltarget;
	path->path.rows = rel->rows;
	path->flags = CUSTOMPATH_SUPPORT_PROJECTION;
	path->custom_private = list_make1(plan);
	path->methods = &path_methods;
	rel->pathlist = list_make1(path);
	rel->partial_pathlist = NIL;
}

void
neon_write_cte_init(void)
{
	prev_pathlist_hook = set_rel_pathlist_hook;
	set_rel_pathlist_hook = set_write_path;
}
