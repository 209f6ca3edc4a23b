/*-------------------------------------------------------------------------
 *
 * ship/row_key.c
 *		Which rows, by their whole keys, does a write concern?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteManip.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "option/remote_type.h"
#include "ship/default_value.h"
#include "ship/local_value.h"
#include "ship/row_key.h"
#include "ship/target.h"

/*
 * Types of which two values are equal exactly if their text forms are, under
 * any setting of the session.  numeric is not one of them (1.0 and 1.00), nor
 * timestamptz, whose text depends on TimeZone, nor char(n).
 */
static bool
has_one_text(Oid type)
{
	switch (type)
	{
		case BOOLOID:
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case OIDOID:
		case TEXTOID:
		case VARCHAROID:
		case UUIDOID:
		case BYTEAOID:
			return true;
		default:
			return false;
	}
}

/* Under a nondeterministic collation different texts may be equal. */
static bool
is_exact(Node *expr)
{
	Oid			collation = exprCollation(expr);

	return has_one_text(exprType(expr)) &&
		(!OidIsValid(collation) || get_collation_isdeterministic(collation));
}

static Node *
strip_relabel(Node *node)
{
	while (node != NULL && IsA(node, RelabelType))
		node = (Node *) ((RelabelType *) node)->arg;
	return node;
}

static bool
is_key_column(Node *node, Index rtindex, AttrNumber attno)
{
	Var		   *var = (Var *) strip_relabel(node);

	return var != NULL && IsA(var, Var) && var->varno == rtindex &&
		var->varlevelsup == 0 && var->varattno == attno;
}

/*
 * The value that the condition says the column is equal to, NULL if it does
 * not say that.
 */
static Node *
equal_value(NeonRemoteWrite *write, Node *clause, AttrNumber attno)
{
	OpExpr	   *op = (OpExpr *) clause;
	Index		rtindex = write->query->resultRelation;
	Node	   *column;
	Node	   *value;

	if (!IsA(clause, OpExpr) || list_length(op->args) != 2 ||
		!neon_is_builtin(op->opno))
		return NULL;
	column = linitial(op->args);
	value = lsecond(op->args);
	if (!is_key_column(column, rtindex, attno))
	{
		column = lsecond(op->args);
		value = linitial(op->args);
	}
	if (!is_key_column(column, rtindex, attno) ||
		!op_mergejoinable(op->opno, exprType(column)) ||
		!is_exact(column) || !is_exact(value) ||
		!neon_is_local_value(&write->remote.ship, value, false))
		return NULL;
	return value;
}

/* equal_value() of a condition that may be made of several by AND. */
static Node *
find_equal_value(NeonRemoteWrite *write, Node *quals, AttrNumber attno)
{
	ListCell   *lc;

	if (quals == NULL)
		return NULL;
	if (!is_andclause(quals))
		return equal_value(write, quals, attno);
	foreach(lc, ((BoolExpr *) quals)->args)
	{
		Node	   *value = find_equal_value(write, lfirst(lc), attno);

		if (value != NULL)
			return value;
	}
	return NULL;
}

/* The value that an INSERT gives the column, NULL if it gives none. */
static Node *
inserted_value(Query *query, AttrNumber attno)
{
	ListCell   *lc;

	foreach(lc, query->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		if (tle->resno == attno &&
			!neon_is_default(query, (Node *) tle->expr))
			return (Node *) tle->expr;
	}
	return NULL;
}

/* Attribute numbers of the key; NIL if the table has none that is known. */
static List *
key_columns(NeonRemoteColumns *columns)
{
	List	   *result = NIL;

	for (AttrNumber attno = 1; attno <= columns->natts; attno++)
	{
		if (!columns->key[attno - 1])
			continue;
		if (columns->names[attno - 1] == NULL || columns->ambiguous[attno - 1])
			return NIL;
		result = lappend_int(result, attno);
	}
	return result;
}

static bool
is_known_value(NeonRemoteWrite *write, Node *value)
{
	return is_exact(value) &&
		neon_is_local_value(&write->remote.ship, value, false);
}

/*
 * The VALUES that are all that an INSERT reads, with local values only; NULL
 * if it reads something else, or nothing.
 */
static RangeTblEntry *
source_values(NeonRemoteWrite *write)
{
	Query	   *query = write->query;
	List	   *from = query->jointree->fromlist;
	RangeTblEntry *rte;
	ListCell   *lc;
	ListCell   *lc2;

	if (list_length(from) != 1 || !IsA(linitial(from), RangeTblRef) ||
		query->jointree->quals != NULL || query->cteList != NIL ||
		query->hasSubLinks || query->hasTargetSRFs || query->hasAggs ||
		query->hasWindowFuncs || query->limitCount != NULL ||
		query->limitOffset != NULL)
		return NULL;
	rte = rt_fetch(linitial_node(RangeTblRef, from)->rtindex, query->rtable);
	if (rte->rtekind != RTE_VALUES)
		return NULL;
	foreach(lc, rte->values_lists)
	{
		foreach(lc2, (List *) lfirst(lc))
		{
			if (!neon_is_local_value(&write->remote.ship, lfirst(lc2), false))
				return NULL;
		}
	}
	return rte;
}

/* What all rows of VALUES have for a column of the target; NIL if no column. */
static List *
cells_of(const Query *query, RangeTblEntry *values, Node *expr)
{
	Var		   *var = (Var *) strip_relabel(expr);
	List	   *result = NIL;
	ListCell   *lc;

	if (!IsA(var, Var) || var->varlevelsup > 0 || var->varattno <= 0 ||
		rt_fetch(var->varno, query->rtable) != values)
		return NIL;
	foreach(lc, values->values_lists)
		result = lappend(result,
						 list_nth((List *) lfirst(lc), var->varattno - 1));
	return result;
}

/*
 * What all rows of VALUES say for a column of the target; NIL if that cannot
 * be told.
 */
static List *
column_of_values(NeonRemoteWrite *write, RangeTblEntry *values, Node *expr)
{
	List	   *result = cells_of(write->query, values, expr);
	ListCell   *lc;

	foreach(lc, result)
	{
		if (!is_known_value(write, lfirst(lc)))
			return NIL;
	}
	return result;
}

List *
neon_inserted_values(NeonRemoteWrite *write)
{
	RangeTblEntry *values = write->simple ? NULL : source_values(write);
	List	   *result = NIL;
	ListCell   *lc;

	if ((!write->simple && values == NULL) || write->rows != NIL)
		return NIL;
	foreach(lc, write->query->targetList)
	{
		Node	   *expr = (Node *) lfirst_node(TargetEntry, lc)->expr;
		List	   *cells = values != NULL ?
			cells_of(write->query, values, expr) : list_make1(expr);

		if (cells == NIL)
			return NIL;
		result = lappend(result, cells);
	}
	return result;
}

static void
find_inserted(NeonRemoteWrite *write, NeonRowKey *key)
{
	Query	   *query = write->query;
	RangeTblEntry *values = source_values(write);
	ListCell   *lc;

	if ((!write->simple && values == NULL) || query->onConflict != NULL ||
		query->override == OVERRIDING_USER_VALUE)
		return;
	foreach(lc, key->columns)
	{
		Node	   *expr = inserted_value(query, lfirst_int(lc));
		List	   *column = NIL;

		if (expr == NULL)
			continue;
		if (values != NULL)
			column = column_of_values(write, values, expr);
		else if (is_known_value(write, expr))
			column = list_make1(expr);
		if (column == NIL)
			return;
		key->values = lappend(key->values, column);
	}
	if (list_length(key->values) == list_length(key->columns))
		key->kind = NEON_ROW_KEY_GIVEN;
	else if (key->values == NIL)
		key->kind = NEON_ROW_KEY_NEW;
}

static void
find_changed(NeonRemoteWrite *write, NeonRowKey *key)
{
	Node	   *quals = write->query->jointree->quals;
	ListCell   *lc;

	foreach(lc, key->columns)
	{
		Node	   *value = find_equal_value(write, quals, lfirst_int(lc));

		if (value == NULL || list_member_int(key->written, lfirst_int(lc)))
			return;
		key->values = lappend(key->values, list_make1(value));
	}
	key->kind = NEON_ROW_KEY_GIVEN;
}

NeonRowKey *
neon_row_key(NeonRemoteWrite *write)
{
	NeonRowKey *key = palloc0(sizeof(NeonRowKey));

	if (write->query->commandType == CMD_UPDATE)
		key->written = neon_target_columns(write->query->targetList);
	else if (write->query->onConflict != NULL)
		key->written =
			neon_target_columns(write->query->onConflict->onConflictSet);
	key->columns = key_columns(write->target->columns);
	if (key->columns == NIL || write->rows != NIL)
		return key;
	if (write->query->commandType == CMD_INSERT)
		find_inserted(write, key);
	else if (write->simple)
		find_changed(write, key);
	return key;
}

/*
 * Does the condition give the column a value that no row has a say in?  Here
 * it may be of any type, for nobody compares it with other values.
 */
static bool
fixes_column(Node *quals, Index rtindex, AttrNumber attno)
{
	OpExpr	   *op = (OpExpr *) quals;
	char	   *name;
	ListCell   *lc;

	if (quals == NULL)
		return false;
	if (is_andclause(quals))
	{
		foreach(lc, ((BoolExpr *) quals)->args)
		{
			if (fixes_column(lfirst(lc), rtindex, attno))
				return true;
		}
		return false;
	}
	if (!IsA(quals, OpExpr) || list_length(op->args) != 2)
		return false;
	name = get_opname(op->opno);
	if (name == NULL || strcmp(name, "=") != 0)
		return false;
	for (int i = 0; i < 2; i++)
	{
		Node	   *value = list_nth(op->args, 1 - i);

		if (is_key_column(list_nth(op->args, i), rtindex, attno) &&
			!contain_vars_of_level(value, 0) && !checkExprHasSubLink(value))
			return true;
	}
	return false;
}

bool
neon_row_is_fixed(NeonRemoteWrite *write)
{
	List	   *columns = key_columns(write->target->columns);
	ListCell   *lc;

	if (!write->simple || columns == NIL)
		return false;
	foreach(lc, columns)
	{
		if (!fixes_column(write->query->jointree->quals,
						  write->query->resultRelation, lfirst_int(lc)))
			return false;
	}
	return true;
}
