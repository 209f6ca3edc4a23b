/*-------------------------------------------------------------------------
 *
 * plan/condition.c
 *		Conditions on foreign tables: which of them run remotely, and which fix
 *		a key.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/restrictinfo.h"
#include "utils/lsyscache.h"

#include "compat/compat.h"
#include "plan/condition.h"

/*
 * The remote checks its conditions in any order, and their errors show what
 * they were applied to.  So a condition of the user's on a security barrier
 * view stays here, where it waits for those of the view.
 */
bool
neon_may_check_remotely(RelOptInfo *rel, RestrictInfo *rinfo)
{
	NeonRelInfo *info = rel->fdw_private;

	return restriction_is_securely_promotable(rinfo, rel) &&
		neon_is_shippable(&info->ship, rinfo->clause);
}

/*
 * Does the clause fix a column to one value that is known before the scan?
 * Returns the column's number, else 0.
 */
static AttrNumber
fixed_column(RelOptInfo *rel, RestrictInfo *rinfo)
{
	OpExpr	   *op = (OpExpr *) rinfo->clause;
	Node	   *left;
	Node	   *right;

	if (!IsA(op, OpExpr) || list_length(op->args) != 2 ||
		!op_mergejoinable(op->opno, exprType(linitial(op->args))))
		return 0;
	left = strip_implicit_coercions(linitial(op->args));
	right = strip_implicit_coercions(lsecond(op->args));
	if (IsA(right, Var) && ((Var *) right)->varno == rel->relid)
	{
		Node	   *swap = left;

		left = right;
		right = swap;
	}
	if (!IsA(left, Var) || ((Var *) left)->varno != rel->relid ||
		((Var *) left)->varlevelsup > 0 || ((Var *) left)->varattno <= 0 ||
		bms_is_member(rel->relid, pull_varnos_of_level(NULL, right, 0)))
		return 0;
	return ((Var *) left)->varattno;
}

bool
neon_is_key_lookup(RelOptInfo *rel, List *clauses)
{
	NeonRelInfo *info = rel->fdw_private;
	NeonRemoteColumns *columns = info->ship.columns[rel->relid];
	Bitmapset  *fixed = NULL;
	bool		has_key = false;
	ListCell   *lc;
	int			i;

	foreach(lc, clauses)
		fixed = bms_add_member(fixed,
							   fixed_column(rel, lfirst_node(RestrictInfo, lc)));
	for (i = 0; i < columns->natts; i++)
	{
		if (!columns->key[i])
			continue;
		has_key = true;
		if (!bms_is_member(i + 1, fixed))
			return false;
	}
	return has_key;
}
