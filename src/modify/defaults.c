/*-------------------------------------------------------------------------
 *
 * modify/defaults.c
 *		DEFAULT in statements that write row by row.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/appendinfo.h"
#include "parser/parsetree.h"
#include "tcop/pquery.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "compat/compat.h"
#include "modify/defaults.h"
#include "option/own.h"
#include "ship/default_value.h"

/* How many statements the planner hook is at work on, one within another. */
static int	depth = 0;

void
neon_defaults_begin(void)
{
	depth++;
}

void
neon_defaults_end(void)
{
	depth--;
}

/* ---------- marks ---------- */

bool
neon_concerns_us(RangeTblEntry *target)
{
	ListCell   *lc;

	if (target->relkind == RELKIND_FOREIGN_TABLE &&
		neon_is_own_table(target->relid))
		return true;
	if (target->relkind != RELKIND_PARTITIONED_TABLE && !target->inh)
		return false;
	foreach(lc, find_all_inheritors(target->relid, NoLock, NULL))
	{
		if (get_rel_relkind(lfirst_oid(lc)) == RELKIND_FOREIGN_TABLE &&
			neon_is_own_table(lfirst_oid(lc)))
			return true;
	}
	return false;
}

/* A domain's NULL is marked without the check of the domain's constraints. */
static void
mark_update(Query *query)
{
	ListCell   *lc;

	foreach(lc, query->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);
		Node	   *expr = (Node *) tle->expr;
		Const	   *mark;

		if (tle->resjunk || !neon_is_default(query, expr))
			continue;
		mark = makeNullConst(exprType(expr), exprTypmod(expr),
							 exprCollation(expr));
		mark->location = NEON_LOCATION_DEFAULT;
		tle->expr = (Expr *) mark;
	}
}

static Const *
defaults_const(const char *columns)
{
	if (columns[0] == '\0')
		return makeNullConst(TEXTOID, -1, DEFAULT_COLLATION_OID);
	return makeConst(TEXTOID, -1, DEFAULT_COLLATION_OID, -1,
					 CStringGetTextDatum(columns), false, false);
}

static void
append_column(StringInfo columns, int attnum)
{
	appendStringInfo(columns, "%s%d", columns->len > 0 ? " " : "", attnum);
}

/* The columns that the statement names, but has no value for in any row. */
static void
append_unset(StringInfo columns, Query *query)
{
	Bitmapset  *named = neon_inserted_columns(query);
	ListCell   *lc;
	int			member = -1;

	foreach(lc, query->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		if (!tle->resjunk)
			named = bms_del_member(named, tle->resno -
								   FirstLowInvalidHeapAttributeNumber);
	}
	while ((member = bms_next_member(named, member)) >= 0)
		append_column(columns, member + FirstLowInvalidHeapAttributeNumber);
}

static void
add_defaults_column(Query *query, Expr *expr)
{
	TargetEntry *tle = makeTargetEntry(expr, list_length(query->targetList) + 1,
									   pstrdup(NEON_DEFAULTS_COLUMN), true);

	query->targetList = lappend(query->targetList, tle);
}

/* Adds a column to VALUES, which tells where its rows have DEFAULT. */
static void
mark_rows(Query *query, List *rows, const char *unset)
{
	Index		rtindex = neon_values_source(query);
	RangeTblEntry *rte = rt_fetch(rtindex, query->rtable);
	ListCell   *lc;
	ListCell   *lc2;

	forboth(lc, rte->values_lists, lc2, rows)
	{
		StringInfoData columns;
		ListCell   *lc3;
		ListCell   *lc4;

		initStringInfo(&columns);
		appendStringInfoString(&columns, unset);
		forboth(lc3, (List *) lfirst(lc2), lc4, query->targetList)
		{
			if (lfirst(lc3) == NULL)
				append_column(&columns, lfirst_node(TargetEntry, lc4)->resno);
		}
		lfirst(lc) = lappend(lfirst(lc), defaults_const(columns.data));
		pfree(columns.data);
	}
	rte->coltypes = lappend_oid(rte->coltypes, TEXTOID);
	rte->coltypmods = lappend_int(rte->coltypmods, -1);
	rte->colcollations = lappend_oid(rte->colcollations,
									 DEFAULT_COLLATION_OID);
	rte->eref->colnames = lappend(rte->eref->colnames,
								  makeString(pstrdup(NEON_DEFAULTS_COLUMN)));
	add_defaults_column(query, (Expr *)
						makeVar(rtindex, list_length(rte->coltypes), TEXTOID,
								-1, DEFAULT_COLLATION_OID, 0));
}

static void
mark_insert(Query *query, bool is_parent)
{
	List	   *rows = neon_default_rows(query);
	StringInfoData unset;

	/* of a table of ours, only columns that have a value are sent anyway */
	initStringInfo(&unset);
	if (is_parent)
		append_unset(&unset, query);
	if (rows != NIL)
		mark_rows(query, rows, unset.data);
	else if (unset.len > 0)
		add_defaults_column(query, (Expr *) defaults_const(unset.data));
}

/*
 * Does the statement say DEFAULT for anything?  This is asked first, because
 * most statements do not, and to look for foreign tables below their targets
 * costs a search.
 */
static bool
says_default(Query *query)
{
	StringInfoData unset;
	ListCell   *lc;

	if (query->commandType == CMD_INSERT)
	{
		initStringInfo(&unset);
		append_unset(&unset, query);
		return unset.len > 0 || neon_default_rows(query) != NIL;
	}
	foreach(lc, query->commandType == CMD_UPDATE ? query->targetList : NIL)
	{
		if (neon_is_default(query,
							(Node *) lfirst_node(TargetEntry, lc)->expr))
			return true;
	}
	return false;
}

static void
mark_statement(Query *query)
{
	RangeTblEntry *target;

	if (!says_default(query))
		return;
	target = rt_fetch(query->resultRelation, query->rtable);
	if (target->rtekind != RTE_RELATION || !neon_concerns_us(target))
		return;
	if (query->commandType == CMD_UPDATE)
		mark_update(query);
	else
		mark_insert(query, target->relkind != RELKIND_FOREIGN_TABLE);
}

void
neon_for_each_statement(Query *query, void (*function) (Query *))
{
	ListCell   *lc;

	function(query);
	foreach(lc, query->cteList)
	{
		Node	   *cte = lfirst_node(CommonTableExpr, lc)->ctequery;

		if (IsA(cte, Query))
			function((Query *) cte);
	}
}

void
neon_mark_defaults(Query *query)
{
	neon_for_each_statement(query, mark_statement);
}

static void
drop_columns(Query *query)
{
	RangeTblEntry *target;

	if (neon_values_source(query) == 0)
		return;
	target = rt_fetch(query->resultRelation, query->rtable);
	if (target->relkind == RELKIND_FOREIGN_TABLE &&
		neon_is_own_table(target->relid))
		neon_drop_default_columns(query);
}

void
neon_drop_defaults(Query *query)
{
	neon_for_each_statement(query, drop_columns);
}

/* ---------- planning ---------- */

/*
 * May a NULL that the planner has made stand for DEFAULT?  Not if the text of
 * the statement does not have the word.  The text is the client's as long as
 * no portal runs, in which functions have statements of their own.
 */
static bool
may_have_default(void)
{
	const char *text = debug_query_string;

	if (ActivePortal != NULL || text == NULL)
		return true;
	for (; *text != '\0'; text++)
	{
		if (pg_strncasecmp(text, "default", strlen("default")) == 0)
			return true;
	}
	return false;
}

static bool
is_unmarked(Node *expr)
{
	Const	   *null = neon_null_const(expr);

	return null != NULL && null->location == -1;
}

static bool
has_unmarked(Query *query)
{
	Index		rtindex = neon_values_source(query);
	ListCell   *lc;
	ListCell   *lc2;

	if (query->commandType == CMD_UPDATE)
	{
		foreach(lc, query->targetList)
		{
			TargetEntry *tle = lfirst_node(TargetEntry, lc);

			if (!tle->resjunk && is_unmarked((Node *) tle->expr))
				return true;
		}
		return false;
	}
	if (query->commandType != CMD_INSERT || rtindex == 0)
		return false;
	foreach(lc, rt_fetch(rtindex, query->rtable)->values_lists)
	{
		foreach(lc2, (List *) lfirst(lc))
		{
			if (is_unmarked(lfirst(lc2)))
				return true;
		}
	}
	return false;
}

static void
check_marked(Query *query)
{
	if (depth == 0 && has_unmarked(query) && may_have_default())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cannot tell DEFAULT from NULL in this statement"),
				 errdetail("The library neon_http_fdw was loaded while the statement was being planned."),
				 errhint("Run the statement again, or add \"neon_http_fdw\" to session_preload_libraries.")));
}

List *
neon_planned_defaults(PlannerInfo *root, Index result_relation)
{
	Query	   *query = root->parse;
	List	   *columns = NIL;
	ListCell   *lc;
	ListCell   *lc2;

	check_marked(query);
	if (query->commandType != CMD_UPDATE)
		return NIL;
	/* the planner has renumbered the target list, in which junk comes last */
	forboth(lc, query->targetList, lc2, root->update_colnos)
	{
		Const	   *expr = (Const *) lfirst_node(TargetEntry, lc)->expr;

		if (IsA(expr, Const) && expr->location == NEON_LOCATION_DEFAULT)
			columns = lappend_int(columns, lfirst_int(lc2));
	}
	if (columns != NIL && result_relation != query->resultRelation)
		columns = adjust_inherited_attnums_multilevel(root, columns,
													  result_relation,
													  query->resultRelation);
	return columns;
}

/*
 * The executor takes a row to be inserted out of the plan's row by the very
 * expressions of the plan's target list, if there is junk in it.  They must
 * then refer to the plan below: a node that has one, and changes nothing, is
 * put in between.
 */
static void
finish_plan(Plan *plan)
{
	Plan	   *source;
	Result	   *node;
	ListCell   *lc;

	if (!IsA(plan, ModifyTable) ||
		((ModifyTable *) plan)->operation != CMD_INSERT)
		return;
	source = outerPlan(plan);
	if (ExecFindJunkAttributeInTlist(source->targetlist,
									 NEON_DEFAULTS_COLUMN) == InvalidAttrNumber)
		return;
	node = makeNode(Result);
	node->plan = *source;
	node->plan.type = T_Result;
	node->plan.qual = NIL;
	node->plan.initPlan = NIL;
	node->plan.righttree = NULL;
	outerPlan(node) = source;
	node->plan.targetlist = copyObject(source->targetlist);
	foreach(lc, node->plan.targetlist)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);
		Node	   *expr = (Node *) tle->expr;

		/* the executor wants to see the NULL of a generated column itself */
		if (IsA(expr, Const))
			continue;
		tle->expr = (Expr *) makeVar(OUTER_VAR, tle->resno, exprType(expr),
									 exprTypmod(expr), exprCollation(expr), 0);
	}
	outerPlan(plan) = (Plan *) node;
}

void
neon_finish_defaults(PlannedStmt *stmt)
{
	ListCell   *lc;

	finish_plan(stmt->planTree);
	foreach(lc, stmt->subplans)
	{
		if (lfirst(lc) != NULL)
			finish_plan(lfirst(lc));
	}
}
