/*-------------------------------------------------------------------------
 *
 * plan/rel.c
 *		Relations that one remote statement yields: what joins, groupings,
 *		sorts and limits have in common.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"

#include "compat/compat.h"
#include "option/remote_columns.h"
#include "option/remote_type.h"
#include "plan/partial.h"
#include "plan/rel.h"

/* ---------- what is known ---------- */

List *
neon_bare_clauses(List *rinfos)
{
	List	   *clauses = NIL;
	ListCell   *lc;

	foreach(lc, rinfos)
		clauses = lappend(clauses, lfirst_node(RestrictInfo, lc)->clause);
	return clauses;
}

/* A foreign table as part of a larger statement. */
static void
make_table_select(RelOptInfo *rel, NeonRelInfo *info)
{
	NeonSelect *select = palloc0(sizeof(NeonSelect));

	select->from = neon_from_table(rel->relid, info->table);
	select->where.exprs = neon_bare_clauses(info->remote_conds);
	info->select = select;
	info->local_exprs = neon_bare_clauses(info->local_conds);
}

NeonRelInfo *
neon_rel_info(RelOptInfo *rel)
{
	NeonRelInfo *info = rel->fdw_private;

	if (info == NULL)
		return NULL;
	if (info->select == NULL)
	{
		MemoryContext old;

		/*
		 * A lateral reference can be a parameter of a table's own scan only.
		 */
		if (!bms_is_empty(rel->lateral_relids))
			return NULL;
		/* The info must last as long as rel, longer than GEQO's context. */
		old = MemoryContextSwitchTo(GetMemoryChunkContext(rel));
		make_table_select(rel, info);
		MemoryContextSwitchTo(old);
	}
	return info;
}

NeonRelInfo *
neon_rel_above(NeonRelInfo *input)
{
	NeonRelInfo *info = palloc(sizeof(NeonRelInfo));

	*info = *input;
	info->select = palloc(sizeof(NeonSelect));
	*info->select = *input->select;
	info->table = NULL;
	info->remote_conds = NIL;
	info->local_conds = NIL;
	info->attrs_used = NULL;
	info->subquery = NULL;
	return info;
}

/* ---------- expressions ---------- */

typedef struct ReplaceStep
{
	NeonRelInfo *info;
	bool		failed;
} ReplaceStep;

static NeonReplacement *
find_replacement(NeonRelInfo *info, Node *node)
{
	ListCell   *lc;

	foreach(lc, info->replaced)
	{
		NeonReplacement *replacement = lfirst(lc);
		Node	   *what = replacement->what;

		/* Which outer joins may set it to null makes no difference here. */
		if (nodeTag(what) != nodeTag(node))
			continue;
		if (IsA(node, Var) ?
			((Var *) what)->varno == ((Var *) node)->varno &&
			((Var *) what)->varattno == ((Var *) node)->varattno :
			((PlaceHolderVar *) what)->phid == ((PlaceHolderVar *) node)->phid)
			return replacement;
	}
	return NULL;
}

static Node *
replace_mutator(Node *node, ReplaceStep *step)
{
	if (node == NULL)
		return NULL;
	if (IsA(node, Var) || IsA(node, PlaceHolderVar))
	{
		NeonReplacement *replacement = find_replacement(step->info, node);

		if (replacement != NULL)
			return copyObject(replacement->by);
		if (IsA(node, Var))
		{
			if (bms_is_member(((Var *) node)->varno, step->info->hidden))
				step->failed = true;
			return node;
		}
	}
	return expression_tree_mutator(node, replace_mutator, step);
}

Node *
neon_rel_expr(NeonRelInfo *info, Node *expr)
{
	ReplaceStep step = {info, false};

	if (IsA(expr, Aggref) && ((Aggref *) expr)->aggsplit != AGGSPLIT_SIMPLE)
		expr = neon_partial_state((Aggref *) expr);
	if (expr == NULL)
		return NULL;
	if (bms_is_empty(info->hidden))
		return expr;
	expr = replace_mutator(expr, &step);
	return step.failed ? NULL : expr;
}

Node *
neon_rel_remote_expr(NeonRelInfo *info, Node *expr)
{
	expr = neon_rel_expr(info, expr);
	if (expr == NULL || !neon_is_shippable(&info->ship, (Expr *) expr))
		return NULL;
	return expr;
}

void
neon_rel_replace(NeonRelInfo *info, Node *what, Node *by)
{
	NeonReplacement *replacement = palloc(sizeof(NeonReplacement));

	replacement->what = what;
	replacement->by = by;
	/* The list is copied, since the relations below may share it. */
	info->replaced = lappend(list_copy(info->replaced), replacement);
}

bool
neon_is_replaced(NeonRelInfo *info, Node *node)
{
	return find_replacement(info, node) != NULL;
}

List *
neon_rel_inputs(NeonRelInfo *info, List *exprs)
{
	List	   *inputs = NIL;
	ListCell   *lc;

	foreach(lc, pull_var_clause((Node *) exprs, PVC_INCLUDE_PLACEHOLDERS))
	{
		Node	   *node = lfirst(lc);

		if (IsA(node, PlaceHolderVar) && !neon_is_replaced(info, node))
		{
			Node	   *expr = (Node *) ((PlaceHolderVar *) node)->phexpr;

			inputs = list_concat_unique(inputs,
										neon_rel_inputs(info,
														list_make1(expr)));
		}
		else
			inputs = list_append_unique(inputs, node);
	}
	return inputs;
}

/* Does the statement set columns of a relation to null by an outer join? */
static bool
has_outer_join(NeonFrom *from)
{
	if (from->left == NULL || from->right == NULL)
		return false;
	return from->jointype != JOIN_INNER || has_outer_join(from->left) ||
		has_outer_join(from->right);
}

bool
neon_is_column_known(NeonRelInfo *info, Var *var)
{
	switch (var->varattno)
	{
		case TableOidAttributeNumber:

			/*
			 * The local tableoid is sent as a parameter, and comes back with
			 * each row.
			 */
			return info->select != NULL && !has_outer_join(info->select->from);
		case MinTransactionIdAttributeNumber:
		case NEON_TABLEOID_ATTRIBUTE:
			return bms_is_member(var->varno, info->versioned);
		case SelfItemPointerAttributeNumber:
			return true;
		default:
			/* The other system columns mean something else remotely. */
			return var->varattno >= 0;
	}
}

bool
neon_are_inputs_known(NeonRelInfo *info, List *exprs)
{
	ListCell   *lc;

	foreach(lc, neon_rel_inputs(info, exprs))
	{
		Node	   *node = lfirst(lc);

		if (neon_rel_expr(info, node) == NULL)
			return false;
		if (IsA(node, Var) && !neon_is_column_known(info, (Var *) node))
			return false;
		/* A PlaceHolderVar may stand for an expression of any type. */
		if (IsA(node, PlaceHolderVar) &&
			!neon_type_is_readable(exprType(node)))
			return false;
	}
	return true;
}

/* ---------- the statement ---------- */

/* Notes the origin of a column, which error messages and clients name. */
static void
name_column(PlannerInfo *root, TargetEntry *tle)
{
	Var		   *var = (Var *) tle->expr;
	RangeTblEntry *rte;

	if (!IsA(var, Var) || var->varattno < 0)
		return;
	rte = planner_rt_fetch(var->varno, root);
	if (rte->rtekind != RTE_RELATION)
		return;
	tle->resorigtbl = rte->relid;
	tle->resorigcol = var->varattno;
	if (var->varattno > 0)
		tle->resname = strVal(list_nth(rte->eref->colnames, var->varattno - 1));
}

static List *
input_tlist(PlannerInfo *root, NeonRelInfo *info, List *exprs)
{
	List	   *tlist = NIL;
	ListCell   *lc;

	foreach(lc, neon_rel_inputs(info, exprs))
	{
		TargetEntry *tle = makeTargetEntry(lfirst(lc), list_length(tlist) + 1,
										   NULL, false);

		name_column(root, tle);
		tlist = lappend(tlist, tle);
	}
	return tlist;
}

/* What the statement returns for a column of the scan. */
static Node *
remote_column(PlannerInfo *root, NeonRelInfo *info, Node *expr)
{
	Var		   *var = (Var *) expr;

	if (IsA(var, Var) && var->varattno == TableOidAttributeNumber)
		return (Node *) makeConst(OIDOID, -1, InvalidOid, sizeof(Oid),
								  ObjectIdGetDatum(planner_rt_fetch(var->varno, root)->relid),
								  false, true);
	return neon_rel_expr(info, expr);
}

NeonSelect
neon_rel_select(PlannerInfo *root, NeonRelInfo *info, List *exprs,
				List **scan_tlist)
{
	NeonSelect	select = *info->select;
	ListCell   *lc;

	*scan_tlist = info->tlist;
	if (!select.grouped && !select.distinct)
	{
		exprs = list_concat_copy(exprs, info->local_exprs);
		exprs = list_concat(exprs, info->lock_columns);
		*scan_tlist = input_tlist(root, info, exprs);
	}
	select.columns = NIL;
	foreach(lc, *scan_tlist)
	{
		TargetEntry *entry = lfirst_node(TargetEntry, lc);

		select.columns = lappend(select.columns,
								 remote_column(root, info,
											   (Node *) entry->expr));
	}
	return select;
}
