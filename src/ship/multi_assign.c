/*-------------------------------------------------------------------------
 *
 * ship/multi_assign.c
 *		SET (a, b) = (SELECT ...) as assignments to single columns.
 *
 * The parser makes one SubLink of the SELECT, which stands in the target list
 * as a junk column, and a Param for each column that is assigned.  Neither
 * can be printed without the other.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "rewrite/rewriteManip.h"

#include "ship/multi_assign.h"

static bool
multi_walker(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Param) && ((Param *) node)->paramkind == PARAM_MULTIEXPR)
		return true;
	return expression_tree_walker(node, multi_walker, context);
}

/* The SELECT of the SubLink as a subquery in FROM, with columns c1, c2 ... */
static RangeTblEntry *
subquery_rte(SubLink *link)
{
	Query	   *subquery = castNode(Query, copyObject(link->subselect));
	RangeTblEntry *rte = makeNode(RangeTblEntry);
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, subquery->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		if (!tle->resjunk)
			names = lappend(names, makeString(psprintf("c%d", tle->resno)));
	}
	IncrementVarSublevelsUp((Node *) subquery, 1, 1);
	rte->rtekind = RTE_SUBQUERY;
	rte->subquery = subquery;
	rte->alias = makeAlias("s", names);
	rte->eref = makeAlias("s", copyObject(names));
	rte->inFromCl = true;
	return rte;
}

/* "(SELECT s.cn FROM (the SELECT of the SubLink) s)" */
static Node *
single_column(SubLink *link, int n)
{
	RangeTblEntry *rte = subquery_rte(link);
	Node	   *expr = (Node *) list_nth_node(TargetEntry,
											  rte->subquery->targetList,
											  n - 1)->expr;
	SubLink    *result = makeNode(SubLink);
	Query	   *query = makeNode(Query);
	RangeTblRef *ref = makeNode(RangeTblRef);
	Var		   *var = makeVar(1, n, exprType(expr), exprTypmod(expr),
							  exprCollation(expr), 0);

	ref->rtindex = 1;
	query->commandType = CMD_SELECT;
	query->querySource = QSRC_ORIGINAL;
	query->canSetTag = true;
	query->targetList = list_make1(makeTargetEntry((Expr *) var, 1,
												   pstrdup("c"), false));
	query->rtable = list_make1(rte);
	query->jointree = makeFromExpr(list_make1(ref), NULL);
	query->hasSubLinks = true;
	result->subLinkType = EXPR_SUBLINK;
	result->subselect = (Node *) query;
	result->location = -1;
	return (Node *) result;
}

static SubLink *
find_link(List *targets, int id)
{
	ListCell   *lc;

	foreach(lc, targets)
	{
		SubLink    *link = (SubLink *) lfirst_node(TargetEntry, lc)->expr;

		if (IsA(link, SubLink) && link->subLinkType == MULTIEXPR_SUBLINK &&
			link->subLinkId == id)
			return link;
	}
	elog(ERROR, "multiexpr sublink %d not found", id);
}

static Node *
multi_mutator(Node *node, List *targets)
{
	int			paramid;

	if (node == NULL)
		return NULL;
	if (!IsA(node, Param) || ((Param *) node)->paramkind != PARAM_MULTIEXPR)
		return expression_tree_mutator(node, multi_mutator, targets);
	paramid = ((Param *) node)->paramid;
	return single_column(find_link(targets, paramid >> 16), paramid & 0xFFFF);
}

static List *
single_targets(List *targets)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, targets)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);
		SubLink    *link = (SubLink *) tle->expr;

		if (tle->resjunk && IsA(link, SubLink) &&
			link->subLinkType == MULTIEXPR_SUBLINK)
			continue;
		tle = flatCopyTargetEntry(tle);
		tle->expr = (Expr *) multi_mutator((Node *) tle->expr, targets);
		result = lappend(result, tle);
	}
	return result;
}

Query *
neon_single_assignments(Query *query)
{
	if (!multi_walker((Node *) query->targetList, NULL) &&
		!multi_walker((Node *) query->onConflict, NULL))
		return query;
	query = copyObject(query);
	query->targetList = single_targets(query->targetList);
	if (query->onConflict != NULL)
		query->onConflict->onConflictSet =
			single_targets(query->onConflict->onConflictSet);
	return query;
}
