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

/* A row that takes the place of the columns of VALUES. */
typedef struct RowStep
{
	Index		rtindex;		/* of the VALUES */
	List	   *row;
} RowStep;

/*
 * A NULL that somebody wrote has a place in the text of the statement; one
 * that the rewriter has made has none.  In a statement that was stored in a
 * catalog (a rule, a function's body) nothing has a place: there a NULL counts
 * as written.
 */
Const *
neon_null_const(Node *expr)
{
	if (IsA(expr, CoerceToDomain))
		expr = (Node *) ((CoerceToDomain *) expr)->arg;
	return IsA(expr, Const) && ((Const *) expr)->constisnull ?
		(Const *) expr : NULL;
}

bool
neon_is_default(Query *query, Node *expr)
{
	Const	   *null = neon_null_const(expr);

	return query->stmt_location >= 0 && null != NULL && null->location < 0;
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

Index
neon_values_source(Query *query)
{
	List	   *from = query->jointree->fromlist;
	Index		rtindex;

	if (query->commandType != CMD_INSERT || query->jointree->quals != NULL ||
		list_length(from) != 1 || !IsA(linitial(from), RangeTblRef))
		return 0;
	rtindex = ((RangeTblRef *) linitial(from))->rtindex;
	return rt_fetch(rtindex, query->rtable)->rtekind == RTE_VALUES ?
		rtindex : 0;
}

/*
 * Is there a DEFAULT in any row?  To look for one costs less than to make the
 * rows.
 */
static bool
has_default(Query *query, List *rows)
{
	ListCell   *lc;
	ListCell   *lc2;

	foreach(lc, rows)
	{
		foreach(lc2, (List *) lfirst(lc))
		{
			if (neon_is_default(query, lfirst(lc2)))
				return true;
		}
	}
	return false;
}

List *
neon_default_rows(Query *query)
{
	Index		rtindex = neon_values_source(query);
	List	   *cells;
	List	   *rows = NIL;
	bool		found = false;
	ListCell   *lc;

	if (rtindex == 0)
		return NIL;
	cells = rt_fetch(rtindex, query->rtable)->values_lists;
	if (!has_default(query, cells))
		return NIL;
	foreach(lc, cells)
		rows = lappend(rows, make_row(query, rtindex, lfirst(lc), &found));
	return found ? rows : NIL;
}

static bool
is_default_everywhere(List *rows, int n)
{
	ListCell   *lc;

	foreach(lc, rows)
	{
		if (list_nth((List *) lfirst(lc), n) != NULL)
			return false;
	}
	return true;
}

void
neon_drop_default_columns(Query *query)
{
	List	   *rows = neon_default_rows(query);
	List	   *kept = NIL;
	ListCell   *lc;

	if (rows == NIL)
		return;
	foreach(lc, query->targetList)
	{
		if (!is_default_everywhere(rows, foreach_current_index(lc)))
			kept = lappend(kept, lfirst(lc));
	}
	if (kept != NIL)
		query->targetList = kept;
}
