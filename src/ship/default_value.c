/*-------------------------------------------------------------------------
 *
 * ship/default_value.c
 *		Where a statement says DEFAULT for a column without one here.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"

#include "ship/default_value.h"

/* What to put in place of the columns of VALUES. */
typedef struct RowStep
{
	Index		rtindex;		/* of the VALUES */
	List	   *row;
} RowStep;

/*
 * What the rewriter makes stands nowhere in the text of the statement, other
 * than what somebody wrote.  But of a statement that was stored in a catalog
 * no place is known at all.
 */
bool
neon_is_default(Query *query, Node *expr)
{
	if (query->stmt_location < 0)
		return false;
	if (IsA(expr, CoerceToDomain))
		expr = (Node *) ((CoerceToDomain *) expr)->arg;
	return IsA(expr, Const) && ((Const *) expr)->constisnull &&
		((Const *) expr)->location < 0;
}

static Node *
row_mutator(Node *node, RowStep *step)
{
	if (node == NULL)
		return NULL;
	if (IsA(node, Var) && ((Var *) node)->varno == step->rtindex)
		return copyObject(list_nth(step->row, ((Var *) node)->varattno - 1));
	return expression_tree_mutator(node, row_mutator, step);
}

static List *
make_row(Query *query, Index rtindex, List *cells, bool *found)
{
	RowStep		step = {rtindex, cells};
	List	   *row = NIL;
	ListCell   *lc;

	foreach(lc, query->targetList)
	{
		Node	   *expr = (Node *) lfirst_node(TargetEntry, lc)->expr;
		Node	   *cell = row_mutator(expr, &step);

		if (!IsA(expr, Const) && neon_is_default(query, cell))
		{
			cell = NULL;
			*found = true;
		}
		row = lappend(row, cell);
	}
	return row;
}

List *
neon_default_rows(Query *query)
{
	List	   *from = query->jointree->fromlist;
	RangeTblEntry *rte;
	Index		rtindex;
	List	   *rows = NIL;
	bool		found = false;
	ListCell   *lc;

	if (query->commandType != CMD_INSERT || query->hasSubLinks ||
		query->cteList != NIL || query->jointree->quals != NULL ||
		list_length(from) != 1 || !IsA(linitial(from), RangeTblRef))
		return NIL;
	rtindex = ((RangeTblRef *) linitial(from))->rtindex;
	rte = rt_fetch(rtindex, query->rtable);
	if (rte->rtekind != RTE_VALUES)
		return NIL;
	foreach(lc, rte->values_lists)
		rows = lappend(rows, make_row(query, rtindex, lfirst(lc), &found));
	return found ? rows : NIL;
}
