/*-------------------------------------------------------------------------
 *
 * plan/scan_order.c
 *		How the rows of a sorted scan can be sorted here.
 *
 * The remote sorts a scan so that nobody has to here.  If its reply turns out
 * to be too large, rows come by ranges, which have no order, and the scan sorts
 * them itself; by columns that it has, so that nothing is computed for it.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/nodeFuncs.h"
#include "nodes/primnodes.h"
#include "optimizer/optimizer.h"
#include "optimizer/tlist.h"

#include "plan/scan_items.h"
#include "plan/scan_order.h"

/* The expression below casts that change no value, as of varchar to text. */
static Expr *
bare_expr(Expr *expr)
{
	while (IsA(expr, RelabelType))
		expr = ((RelabelType *) expr)->arg;
	return expr;
}

/* Items of one key, in the order of NeonScanKeyItem. */
static List *
key_items(const NeonSortKey *key, AttrNumber column)
{
	return list_make4_oid(column, key->sortop,
						  exprCollation((Node *) key->expr),
						  key->nulls_first ? 1 : 0);
}

List *
neon_scan_order_of_table(List *keys, Index relid, List *columns)
{
	List	   *order = NIL;
	ListCell   *lc;

	foreach(lc, columns)
	{
		/* what is in the header of a row would be lost */
		if (lfirst_int(lc) < 0)
			return NIL;
	}
	foreach(lc, keys)
	{
		NeonSortKey *key = lfirst(lc);
		Var		   *var = (Var *) bare_expr(key->expr);

		if (!IsA(var, Var) || var->varno != relid ||
			!list_member_int(columns, var->varattno))
			return NIL;
		order = lappend(order, key_items(key, var->varattno));
	}
	return order;
}

List *
neon_scan_order_of_tlist(List *keys, List *tlist)
{
	List	   *order = NIL;
	ListCell   *lc;

	foreach(lc, keys)
	{
		NeonSortKey *key = lfirst(lc);
		TargetEntry *entry = tlist_member(key->expr, tlist);

		if (entry == NULL)
			entry = tlist_member(bare_expr(key->expr), tlist);
		if (entry == NULL)
			return NIL;
		order = lappend(order, key_items(key, entry->resno));
	}
	return order;
}
