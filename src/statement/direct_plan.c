/*-------------------------------------------------------------------------
 *
 * statement/direct_plan.c
 *		UPDATE and DELETE of one child as a whole statement.
 *
 * The planner has taken the statement apart.  Of the pieces that concern one
 * table, its conditions and its new values, a query is made as if the
 * statement had named that table.  It is judged and printed as any other
 * whole statement.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "foreign/foreign.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/appendinfo.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "compat/compat.h"
#include "deparse/write.h"
#include "modify/defaults.h"
#include "option/option.h"
#include "option/table_cache.h"
#include "statement/direct_plan.h"
#include "statement/planner_hook.h"
#include "statement/write.h"

/* One table that the statement changes. */
typedef struct DirectChild
{
	PlannerInfo *root;
	ModifyTable *plan;
	Index		rtindex;
	int			number;			/* among those that the statement changes */
	ForeignScan *scan;
	bool		computed_above; /* a node above computes what is assigned */
	List	   *returning;		/* what RETURNING has for this table */
	bool		refused;		/* an expression cannot be taken over */
} DirectChild;

/* ---------- the plan ---------- */

/*
 * Other parts of a statement that writes in WITH must not see what this one
 * does: such statements go row by row.
 */
static bool
is_plain_statement(PlannerInfo *root, ModifyTable *plan)
{
	return neon_statement_pushdown &&
		(plan->operation == CMD_UPDATE || plan->operation == CMD_DELETE) &&
		root->parent_root == NULL && !root->parse->hasModifyingCTE &&
		!root->parse->hasRowSecurity;
}

/* Finds the scan of the child, if nothing but it makes the child's rows. */
static void
find_scan(DirectChild *child)
{
	Plan	   *plan = outerPlan(child->plan);

	if (IsA(plan, Result) && outerPlan(plan) != NULL)
	{
		child->computed_above = true;
		plan = outerPlan(plan);
	}
	if (IsA(plan, Append))
	{
		List	   *plans = ((Append *) plan)->appendplans;

		plan = child->number < list_length(plans) ?
			list_nth(plans, child->number) : NULL;
	}
	if (plan != NULL && IsA(plan, ForeignScan) && plan->qual == NIL &&
		((ForeignScan *) plan)->scan.scanrelid == child->rtindex)
		child->scan = (ForeignScan *) plan;
}

static bool
is_only_child(DirectChild *child)
{
	return list_length(child->plan->resultRelations) == 1;
}

/* Would the statement's own triggers have to run after the remote's commit? */
static bool
has_triggers(PlannerInfo *root)
{
	RangeTblEntry *rte = planner_rt_fetch(root->parse->resultRelation, root);
	Relation	rel = table_open(rte->relid, NoLock);
	bool		result = rel->trigdesc != NULL;

	table_close(rel, NoLock);
	return result;
}

/* ---------- its expressions ---------- */

/* Is it a column of "(a, b) = (SELECT ...)", whose subquery stands elsewhere? */
static bool
is_part_of_row(Node *node)
{
	return IsA(node, Param) && ((Param *) node)->paramkind == PARAM_MULTIEXPR;
}

/* The child becomes relation 1, as the only one of a query. */
static Node *
own_mutator(Node *node, DirectChild *child)
{
	Var		   *var = (Var *) node;

	if (node == NULL)
		return NULL;
	if (IsA(node, SubPlan) || IsA(node, AlternativeSubPlan) ||
		IsA(node, PlaceHolderVar) || is_part_of_row(node) ||
		(IsA(node, Var) && var->varno != child->rtindex))
	{
		child->refused = true;
		return node;
	}
	if (!IsA(node, Var))
		return expression_tree_mutator(node, own_mutator, child);
	var = copyObject(var);
	var->varno = 1;
	var->varnosyn = 1;
	var->varattnosyn = var->varattno;
	return (Node *) var;
}

/*
 * A new value.  What tells DEFAULT from NULL is the place in the statement's
 * text, which planning does not keep.
 */
static Expr *
new_value(DirectChild *child, Expr *expr, bool is_default)
{
	expr = (Expr *) own_mutator((Node *) expr, child);
	if (IsA(expr, Const) && ((Const *) expr)->constisnull)
	{
		expr = copyObject(expr);
		((Const *) expr)->location = is_default ? -1 : 0;
	}
	return expr;
}

/* Does it take no computing, so that it cannot fail for a null? */
static bool
is_plain_value(Expr *expr)
{
	return IsA(expr, Var) || IsA(expr, Const) || IsA(expr, Param);
}

static List *
make_targets(DirectChild *child)
{
	List	   *defaults = neon_planned_defaults(child->root, child->rtindex);
	List	   *targets = NIL;
	List	   *values;
	List	   *columns;
	ListCell   *lc;
	ListCell   *lc2;

	if (child->plan->operation != CMD_UPDATE)
		return NIL;
	get_translated_update_targetlist(child->root, child->rtindex, &values,
									 &columns);
	forboth(lc, values, lc2, columns)
	{
		Expr	   *expr = lfirst_node(TargetEntry, lc)->expr;
		AttrNumber	attno = lfirst_int(lc2);

		/* the node above sees nulls where RETURNING has rows */
		if (child->computed_above && child->returning != NIL &&
			!is_plain_value(expr))
			child->refused = true;
		expr = new_value(child, expr, list_member_int(defaults, attno));
		targets = lappend(targets, makeTargetEntry(expr, attno, NULL, false));
	}
	return targets;
}

/* Adds a column to what is returned, unless it is dropped. */
static List *
add_column(List *targets, Oid relid, AttrNumber attno)
{
	char	   *name = get_attname(relid, attno, true);
	Oid			type;
	int32		typmod;
	Oid			collation;

	if (name == NULL)
		return targets;
	get_atttypetypmodcoll(relid, attno, &type, &typmod, &collation);
	return lappend(targets,
				   makeTargetEntry((Expr *) makeVar(1, attno, type, typmod,
													collation, 0),
								   list_length(targets) + 1, name, false));
}

/*
 * The columns that RETURNING needs, from which it is computed here; a constant
 * if it needs none, so that there are rows.
 */
static List *
make_returning(DirectChild *child, RangeTblEntry *rte)
{
	const int	offset = FirstLowInvalidHeapAttributeNumber;
	int			natts = neon_table(rte->relid)->columns->natts;
	Bitmapset  *used = NULL;
	List	   *targets = NIL;
	bool		whole;

	if (child->returning == NIL)
		return NIL;
	if (!bms_is_subset(pull_varnos(child->root, (Node *) child->returning),
					   bms_make_singleton(child->rtindex)))
		child->refused = true;
	pull_varattnos((Node *) child->returning, child->rtindex, &used);
	used = bms_del_member(used, TableOidAttributeNumber - offset);
	whole = bms_is_member(0 - offset, used);
	for (AttrNumber attno = offset + 1; attno < 0; attno++)
		child->refused |= bms_is_member(attno - offset, used);
	for (AttrNumber attno = 1; attno <= natts; attno++)
	{
		if (whole || bms_is_member(attno - offset, used))
			targets = add_column(targets, rte->relid, attno);
	}
	if (targets == NIL)
		targets = list_make1(makeTargetEntry((Expr *)
											 makeConst(INT4OID, -1, InvalidOid,
													   sizeof(int32),
													   Int32GetDatum(1), false,
													   true),
											 1, "one", false));
	return targets;
}

/* ---------- the query ---------- */

/* The statement as if it had named the child.  NULL if that cannot be made. */
static Query *
make_query(DirectChild *child)
{
	Query	   *query = makeNode(Query);
	RangeTblEntry *rte = copyObject(planner_rt_fetch(child->rtindex,
													 child->root));
	RangeTblRef *ref = makeNode(RangeTblRef);
	List	   *quals;

	rte->inh = false;
	rte->inFromCl = true;
	rte->securityQuals = NIL;
	ref->rtindex = 1;
	quals = (List *) own_mutator((Node *) child->scan->fdw_recheck_quals,
								 child);
	query->commandType = child->plan->operation;
	query->resultRelation = 1;
	query->rtable = list_make1(rte);
	neon_add_own_permissions(query, rte);
	query->jointree = makeFromExpr(list_make1(ref), quals == NIL ? NULL :
								   (Node *) make_ands_explicit(quals));
	query->returningList = make_returning(child, rte);
	query->targetList = make_targets(child);
	query->stmt_location = 0;	/* see neon_is_default() */
	return child->refused ? NULL : query;
}

/* ---------- the node ---------- */

static bool
returns_columns(List *returning)
{
	ListCell   *lc;

	foreach(lc, returning)
	{
		if (!IsA(lfirst_node(TargetEntry, lc)->expr, Var))
			return false;
	}
	return true;
}

/*
 * The node's rows are for RETURNING, which takes them from elsewhere; so its
 * own columns are null, but for the one that tells the executor the table.
 */
static void
clear_targets(ForeignScan *scan)
{
	ListCell   *lc;

	foreach(lc, scan->scan.plan.targetlist)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);
		Node	   *expr = (Node *) tle->expr;

		if (IsA(expr, Var) &&
			((Var *) expr)->varattno == TableOidAttributeNumber)
			continue;
		tle = flatCopyTargetEntry(tle);
		tle->expr = (Expr *) makeConst(exprType(expr), exprTypmod(expr),
									   exprCollation(expr),
									   get_typlen(exprType(expr)), (Datum) 0,
									   true, get_typbyval(exprType(expr)));
		lfirst(lc) = tle;
	}
}

static void
change_scan(DirectChild *child, NeonRemoteWrite *write)
{
	ForeignScan *scan = child->scan;
	NeonWriteSql *sql = neon_write_sql(write);
	NeonWritePlan plan = {0};
	List	   *columns = NIL;
	bool		alone;
	ListCell   *lc;

	neon_write_plan_fill(&plan, write, sql);
	plan.safe &= returns_columns(child->returning);
	foreach(lc, sql->returned)
		columns = lappend_int(columns, lfirst_node(Var, lc)->varattno);
	alone = is_only_child(child) && !has_triggers(child->root);
	clear_targets(scan);
	scan->operation = child->plan->operation;
	scan->resultRelation = child->rtindex;
	scan->fdw_exprs = sql->params;
	scan->fdw_private = list_make4(neon_write_plan_list(&plan), columns,
								   makeBoolean(alone),
								   makeBoolean(child->plan->canSetTag));
	scan->fdw_recheck_quals = NIL;
	scan->scan.plan.async_capable = false;
}

/*
 * In autocommit mode the remote has committed what one child does before the
 * next one, or a subquery of RETURNING, reads: they must not see that.
 */
static bool
may_be_seen(DirectChild *child)
{
	ForeignServer *server = GetForeignServer(child->scan->fs_server);

	return neon_server_options(server)->autocommit &&
		!(is_only_child(child) && returns_columns(child->returning));
}

bool
neonPlanDirectModify(PlannerInfo *root, ModifyTable *plan,
					 Index result_relation, int subplan_index)
{
	DirectChild child = {root, plan, result_relation, subplan_index};
	NeonRemoteWrite *write;
	Query	   *query;

	if (!is_plain_statement(root, plan))
		return false;
	find_scan(&child);
	if (child.scan == NULL)
		return false;
	if (plan->returningLists != NIL)
		child.returning = list_nth(plan->returningLists, subplan_index);
	query = may_be_seen(&child) ? NULL : make_query(&child);
	if (query == NULL)
		return false;
	write = neon_remote_write(query);
	if (write == NULL || !write->simple)
		return false;
	change_scan(&child, write);
	return true;
}
