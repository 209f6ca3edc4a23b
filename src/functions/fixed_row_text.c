/*-------------------------------------------------------------------------
 *
 * functions/fixed_row_text.c
 *		Can a user's UPDATE or DELETE mean no other row than one?
 *
 * "UPDATE counters SET n = n + 1 WHERE id = 7" need not fail because another
 * transaction has counted meanwhile: it means the same row.  What the text
 * says is a conjunction in which columns are equal to constants; whether these
 * columns are a key, only the remote's catalog knows.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "utils/builtins.h"

#include "functions/fixed_row_text.h"
#include "remote/array_text.h"

/*
 * Types of which no two values are equal to the same constant, whichever of
 * these types that has: only they are taken as keys and constants.  The first
 * list has them as format_type() writes them, the second as the parser does.
 */
#define KEY_TYPES \
	"{smallint,integer,bigint,numeric,text,character varying,uuid}"
static const char *const constant_types[] = {
	"int2", "int4", "int8", "numeric", "text", "varchar", "uuid", NULL
};

static bool
is_constant_type(const TypeName *type)
{
	const char *name = strVal(llast(type->names));

	if (type->arrayBounds != NIL || type->setof || type->pct_type)
		return false;
	for (int i = 0; constant_types[i] != NULL; i++)
	{
		if (strcmp(name, constant_types[i]) == 0)
			return true;
	}
	return false;
}

/* A literal or a parameter, with a cast perhaps. */
static bool
is_constant(Node *node)
{
	if (IsA(node, TypeCast))
		return is_constant_type(((TypeCast *) node)->typeName) &&
			is_constant(((TypeCast *) node)->arg);
	return IsA(node, A_Const) || IsA(node, ParamRef);
}

/* The name of a column, which must be the target's: there is nothing else. */
static const char *
column_name(Node *node)
{
	Node	   *name;

	if (!IsA(node, ColumnRef))
		return NULL;
	name = llast(((ColumnRef *) node)->fields);
	return IsA(name, String) ? strVal(name) : NULL;
}

/* Appends the columns that a condition makes equal to a constant. */
static void
add_columns(Node *node, StringInfo columns)
{
	A_Expr	   *expr = (A_Expr *) node;
	const char *column;
	ListCell   *lc;

	if (node == NULL)
		return;
	if (IsA(node, BoolExpr) && ((BoolExpr *) node)->boolop == AND_EXPR)
	{
		foreach(lc, ((BoolExpr *) node)->args)
			add_columns(lfirst(lc), columns);
		return;
	}
	if (!IsA(node, A_Expr) || expr->kind != AEXPR_OP ||
		list_length(expr->name) != 1 ||
		strcmp(strVal(linitial(expr->name)), "=") != 0 || expr->lexpr == NULL)
		return;
	column = column_name(expr->lexpr);
	if (column != NULL && is_constant(expr->rexpr))
		neon_array_append(columns, column);
	column = column_name(expr->rexpr);
	if (column != NULL && is_constant(expr->lexpr))
		neon_array_append(columns, column);
}

/*
 * A unique index guarantees that there is one row only if it is checked at
 * once, compares as the statement does, and has the rows of all tables that
 * the statement looks at.
 */
static char *
has_key_sql(const RangeVar *table, const char *columns)
{
	const char *name = quote_qualified_identifier(table->schemaname,
												  table->relname);

	return psprintf("EXISTS (SELECT FROM pg_catalog.pg_class c"
					" JOIN pg_catalog.pg_index i ON i.indrelid = c.oid"
					" WHERE c.oid = pg_catalog.to_regclass(%s)"
					" AND (c.relkind = 'p' OR c.relkind = 'r' AND NOT EXISTS"
					" (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhparent = c.oid))"
					" AND i.indisunique AND i.indisvalid AND i.indimmediate"
					" AND i.indpred IS NULL AND i.indexprs IS NULL"
					" AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a"
					" JOIN pg_catalog.generate_series(0, i.indnkeyatts - 1) k"
					" ON a.attnum = i.indkey[k]"
					" JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[k]"
					" WHERE a.attrelid = c.oid AND NOT (o.opcdefault"
					" AND i.indcollation[k] = a.attcollation"
					" AND a.attname::text = ANY (%s::text[])"
					" AND pg_catalog.format_type(a.atttypid, NULL) = ANY (%s::text[]))))",
					quote_literal_cstr(name), quote_literal_cstr(columns),
					quote_literal_cstr(KEY_TYPES));
}

char *
neon_fixed_row_condition(const char *sql)
{
	Node	   *stmt = linitial_node(RawStmt,
									 raw_parser(sql, RAW_PARSE_DEFAULT))->stmt;
	RangeVar   *table;
	Node	   *where;
	StringInfoData columns;

	if (IsA(stmt, UpdateStmt) && ((UpdateStmt *) stmt)->fromClause == NIL)
	{
		table = ((UpdateStmt *) stmt)->relation;
		where = ((UpdateStmt *) stmt)->whereClause;
	}
	else if (IsA(stmt, DeleteStmt) && ((DeleteStmt *) stmt)->usingClause == NIL)
	{
		table = ((DeleteStmt *) stmt)->relation;
		where = ((DeleteStmt *) stmt)->whereClause;
	}
	else
		return NULL;
	initStringInfo(&columns);
	add_columns(where, &columns);
	if (columns.len == 0)
		return NULL;
	neon_array_end(&columns);
	return has_key_sql(table, columns.data);
}
