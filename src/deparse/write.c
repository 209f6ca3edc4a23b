/*-------------------------------------------------------------------------
 *
 * deparse/write.c
 *		Print INSERT, UPDATE and DELETE for the remote.
 *
 * ruleutils would print the local names of the target and its columns.  So the
 * frame of the statement is assembled here, and only expressions and the query
 * for its rows are printed by ruleutils.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "deparse/change.h"
#include "deparse/frame.h"
#include "deparse/insert.h"
#include "deparse/write.h"
#include "remote/array_text.h"

/* Parameters among which those of an INSERT's values are searched for. */
#define MAX_SEARCHED	1000

/* Makes the target (and EXCLUDED) the relations of expressions. */
static void
use_relations(NeonWriteDeparse *deparse)
{
	NeonShipContext *ship = &deparse->write->remote.ship;
	Query	   *query = deparse->query;
	OnConflictExpr *conflict = query->onConflict;

	ship->ncolumns = list_length(query->rtable) + 1;
	ship->columns = palloc0(ship->ncolumns * sizeof(NeonRemoteColumns *));
	ship->relids = bms_make_singleton(query->resultRelation);
	ship->columns[query->resultRelation] = deparse->columns;
	if (conflict != NULL && conflict->exclRelIndex > 0)
	{
		ship->excluded = conflict->exclRelIndex;
		ship->relids = bms_add_member(ship->relids, ship->excluded);
		ship->columns[ship->excluded] = deparse->columns;
	}
}

/* ---------- RETURNING ---------- */

static void
add_returned(NeonWriteDeparse *deparse, Var *var)
{
	List	   *returned = deparse->result->returned;
	ListCell   *lc;

	foreach(lc, returned)
	{
		Var		   *known = lfirst_node(Var, lc);

		if (known->varno == var->varno && known->varattno == var->varattno)
			return;
	}
	deparse->result->returned = lappend(returned, var);
	if (var->varno != deparse->query->resultRelation)
		deparse->foreign = lappend(deparse->foreign, var);
}

/* A reference to the target's whole row returns all of its columns. */
static void
add_whole_row(NeonWriteDeparse *deparse)
{
	Index		rtindex = deparse->query->resultRelation;
	RangeTblEntry *rte = rt_fetch(rtindex, deparse->query->rtable);

	for (AttrNumber attno = 1; attno <= deparse->columns->natts; attno++)
	{
		Oid			type;
		int32		typmod;
		Oid			collation;

		if (deparse->columns->names[attno - 1] == NULL)
			continue;
		get_atttypetypmodcoll(rte->relid, attno, &type, &typmod, &collation);
		add_returned(deparse, makeVar(rtindex, attno, type, typmod, collation,
									  0));
	}
}

static bool
returned_walker(Node *node, NeonWriteDeparse *deparse)
{
	if (node == NULL)
		return false;
	if (IsA(node, Var))
	{
		if (((Var *) node)->varattno == 0)
			add_whole_row(deparse);
		else if (((Var *) node)->varattno != TableOidAttributeNumber)
			add_returned(deparse, (Var *) node);
		return false;
	}
	return expression_tree_walker(node, returned_walker, deparse);
}

/* ---------- the row that it concerns ---------- */

/* The number of the parameter that stands for the expression, 0 if none. */
static int
find_param(List *params, Node *expr)
{
	ListCell   *lc;

	foreach(lc, params)
	{
		if (equal(lfirst(lc), expr))
			return foreach_current_index(lc) + 1;
	}
	return 0;
}

/*
 * Appends the parameters of one column: one that is an array of the values of
 * all rows, or one for each row.  False if a value has none.
 */
static bool
find_column_params(NeonWriteDeparse *deparse, List *values, List **found,
				   bool *arrays)
{
	int			n = find_param(deparse->sql.params, (Node *) values);
	ListCell   *lc;

	*arrays = n > 0;
	if (n > 0)
	{
		*found = lappend_int(*found, n);
		return true;
	}
	foreach(lc, values)
	{
		n = find_param(deparse->sql.params, lfirst(lc));
		if (n == 0)
			return false;
		*found = lappend_int(*found, n);
	}
	return true;
}

static void
describe_row(NeonWriteDeparse *deparse)
{
	NeonWriteSql *result = deparse->result;
	NeonRowKey *key = neon_row_key(deparse->write);
	ListCell   *lc;

	result->key_kind = key->kind;
	result->key_names = neon_array_of_names(deparse->columns, key->columns);
	result->written_names = neon_array_of_names(deparse->columns, key->written);
	if (key->kind != NEON_ROW_KEY_GIVEN)
		return;
	result->key_rows = list_length(linitial(key->values));
	foreach(lc, key->values)
	{
		if (!find_column_params(deparse, lfirst(lc), &result->key_params,
								&result->key_arrays))
			result->key_kind = NEON_ROW_KEY_NONE;
	}
}

/*
 * Finds out which parameters are the values of an INSERT.  To search for very
 * many of them takes longer than it can save; they seldom are as many, for
 * they are arrays then.
 */
static void
describe_values(NeonWriteDeparse *deparse)
{
	NeonWriteSql *result = deparse->result;
	List	   *columns = neon_inserted_values(deparse->write);
	ListCell   *lc;

	if (columns == NIL || list_length(deparse->sql.params) > MAX_SEARCHED)
		return;
	foreach(lc, columns)
	{
		if (!find_column_params(deparse, lfirst(lc), &result->cell_params,
								&result->cell_arrays))
			return;
	}
	result->cell_rows = list_length(linitial(columns));
}

/* ---------- the whole ---------- */

NeonWriteSql *
neon_write_sql(NeonRemoteWrite *write)
{
	NeonWriteDeparse deparse = {0};
	NeonTableOptions *table = write->target->options;

	deparse.write = write;
	deparse.query = write->query;
	deparse.columns = write->target->columns;
	deparse.result = palloc0(sizeof(NeonWriteSql));
	deparse.result->table = quote_qualified_identifier(table->schema_name,
													   table->table_name);
	neon_sql_init(&deparse.sql, &write->remote.ship);
	use_relations(&deparse);
	(void) returned_walker((Node *) write->query->returningList, &deparse);
	if (write->query->commandType == CMD_INSERT)
		neon_print_insert(&deparse);
	else
		neon_print_change(&deparse);
	deparse.result->params = deparse.sql.params;
	describe_row(&deparse);
	if (write->query->commandType == CMD_INSERT && !write->gathered)
		describe_values(&deparse);
	return deparse.result;
}
