/*-------------------------------------------------------------------------
 *
 * schema/import.c
 *		IMPORT FOREIGN SCHEMA.
 *
 * Each remote table becomes a CREATE FOREIGN TABLE command, or a warning if
 * the local database cannot have its name or one of its columns, types and
 * collations: one such table must not keep a user from all the others.
 *
 * Nothing that the remote says is pasted into a command as SQL, but names
 * and strings that are quoted here, and the expressions of defaults and
 * generated columns, after the parser took them for expressions and nothing
 * else: somebody who controls the remote must not give commands here.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/heap.h"
#include "catalog/namespace.h"
#include "foreign/foreign.h"
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "schema/import.h"
#include "schema/import_type.h"

/*
 * The validator of options refuses names with control characters, which would
 * end the whole import.
 */
static bool
has_control_characters(const char *name)
{
	for (; *name; name++)
	{
		if ((unsigned char) *name < 0x20 || *name == 0x7f)
			return true;
	}
	return false;
}

/* Why a column cannot be imported, NULL if it can. */
static const NeonProblem *
column_problem(NeonImportTypes *import, NeonRemoteColumn *column,
			   const char *type)
{
	static const NeonProblem control = {
		"A name has control characters.", NULL
	};
	static const NeonProblem reserved = {
		"The name is that of a system column.",
		"Create a foreign table with another column name and the option \"column_name\"."
	};

	if (has_control_characters(column->name) || has_control_characters(type))
		return &control;
	if (SystemAttributeByName(column->name) != NULL)
		return &reserved;
	return neon_import_problem(import, &column->typing);
}

/* False, after a warning, if the table cannot be imported. */
static bool
table_is_possible(NeonImportTypes *import, NeonRemoteTable *table)
{
	ListCell   *lc;

	if (has_control_characters(table->name))
	{
		ereport(WARNING,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("remote table \"%s\" is not imported because its name has control characters",
						table->name)));
		return false;
	}
	foreach(lc, table->columns)
	{
		NeonRemoteColumn *column = lfirst(lc);
		const char *type = neon_catalog_type(import->catalog,
											 column->typing.type)->sql;
		const NeonProblem *problem = column_problem(import, column, type);

		if (problem == NULL)
			continue;
		ereport(WARNING,
				(errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
				 errmsg("remote table \"%s\" is not imported because of column \"%s\" of type %s",
						table->name, column->name, type),
				 errdetail_internal("%s", problem->detail),
				 problem->hint ? errhint("%s", problem->hint) : 0));
		return false;
	}
	return true;
}

static void
append_option(StringInfo buf, const char *name, const char *value)
{
	appendStringInfo(buf, "%s %s", name, quote_literal_cstr(value));
}

/* Does the parser take the text for SELECT and one value without a name? */
static bool
is_one_value(const char *select)
{
	List	   *parsed = raw_parser(select, RAW_PARSE_DEFAULT);
	SelectStmt *plain = makeNode(SelectStmt);
	SelectStmt *stmt;
	ResTarget  *target;

	if (list_length(parsed) != 1)
		return false;
	stmt = (SelectStmt *) linitial_node(RawStmt, parsed)->stmt;
	if (!IsA(stmt, SelectStmt) || list_length(stmt->targetList) != 1)
		return false;
	target = linitial_node(ResTarget, stmt->targetList);
	plain->targetList = stmt->targetList;
	return target->name == NULL && target->indirection == NIL &&
		equal(stmt, plain);
}

typedef struct ExpressionPlace
{
	const char *table;
	const char *column;
} ExpressionPlace;

static void
expression_error_callback(void *arg)
{
	ExpressionPlace *place = arg;

	/* not a place in the statement that imports */
	errposition(0);
	errcontext("expression of column \"%s\" of remote table \"%s\"",
			   place->column, place->table);
}

/*
 * Throws unless the text is an expression that ends where it ends.  Without
 * parentheses it cannot close one that it did not open, within them it cannot
 * leave anything open, such as a comment.
 */
static void
check_expression(const char *expression, const char *table,
				 const char *column)
{
	ErrorContextCallback context;
	ExpressionPlace place = {table, column};

	context.callback = expression_error_callback;
	context.arg = &place;
	context.previous = error_context_stack;
	error_context_stack = &context;
	if (!is_one_value(psprintf("SELECT %s", expression)) ||
		!is_one_value(psprintf("SELECT (%s)", expression)))
		ereport(ERROR,
				(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
				 errmsg("remote catalog has an expression that is none")));
	error_context_stack = context.previous;
}

/*
 * DEFAULT or GENERATED.  Values are computed by the remote in any case, so a
 * column without its expression reads the same.  That is also why a virtual
 * generated column is imported as a stored one: what counts is that its value
 * is read there and never written.
 */
static void
append_expression(StringInfo buf, NeonImportOptions *options,
				  NeonRemoteTable *table, NeonImportedColumn *imported)
{
	NeonRemoteColumn *column = imported->remote;

	if (column->expression == NULL ||
		!(column->generated ? options->import_generated :
		  options->import_default))
		return;

	if (column->dependent)
	{
		ereport(WARNING,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("expression of column \"%s\" of remote table \"%s\" is not imported",
						column->name, table->name),
				 errdetail("It needs objects of the remote database, such as a function, type or sequence.")));
		return;
	}
	check_expression(column->expression, table->name, column->name);
	imported->generated = column->generated;
	if (column->generated)
		appendStringInfo(buf, " GENERATED ALWAYS AS (%s) STORED",
						 column->expression);
	else
		appendStringInfo(buf, " DEFAULT (%s)", column->expression);
}

static NeonImportedColumn *
import_column(NeonImportTypes *import, NeonRemoteTable *table,
			  NeonRemoteColumn *column)
{
	NeonCatalogType *type = neon_catalog_type(import->catalog,
											  column->typing.type);
	NeonImportedColumn *imported = palloc0_object(NeonImportedColumn);
	StringInfoData buf;

	imported->remote = column;
	imported->type_sql = neon_import_make_type(import, &column->typing);
	imported->type = type->local;
	imported->collate_sql = neon_import_collate(import, &column->typing);
	imported->collation = imported->collate_sql[0] == '\0' ?
		get_typcollation(imported->type) :
		get_collation_oid(list_make2(makeString(column->typing.collation_schema),
									 makeString(column->typing.collation)),
						  false);
	if (!neon_catalog_type_is_builtin(type))
		imported->type_name = type->sql;
	imported->notnull = import->options->import_not_null && column->notnull;

	initStringInfo(&buf);
	appendStringInfo(&buf, "%s %s OPTIONS (", quote_identifier(column->name),
					 imported->type_sql);
	append_option(&buf, "column_name", column->name);
	if (imported->type_name != NULL)
	{
		appendStringInfoString(&buf, ", ");
		append_option(&buf, "type_name", imported->type_name);
	}
	if (column->key)
	{
		appendStringInfoString(&buf, ", ");
		append_option(&buf, "key", "true");
	}
	appendStringInfo(&buf, ")%s", imported->collate_sql);
	append_expression(&buf, import->options, table, imported);
	if (imported->notnull)
		appendStringInfoString(&buf, " NOT NULL");
	imported->definition = buf.data;
	return imported;
}

/*
 * Column and table names are given as options, too, so that renaming the
 * local ones later does not cut the connection.
 */
static char *
table_command(NeonImportedTable *imported, ImportForeignSchemaStmt *stmt)
{
	const char *name = imported->remote->name;
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	appendStringInfo(&buf, "CREATE FOREIGN TABLE %s (",
					 quote_qualified_identifier(stmt->local_schema, name));
	foreach(lc, imported->columns)
		appendStringInfo(&buf, "%s\n\t%s",
						 lc != list_head(imported->columns) ? "," : "",
						 ((NeonImportedColumn *) lfirst(lc))->definition);
	appendStringInfo(&buf, "\n) SERVER %s OPTIONS (",
					 quote_identifier(stmt->server_name));
	append_option(&buf, "schema_name", stmt->remote_schema);
	appendStringInfoString(&buf, ", ");
	append_option(&buf, "table_name", name);
	appendStringInfoChar(&buf, ')');
	return buf.data;
}

static NeonImportedTable *
import_table(NeonImportTypes *import, ImportForeignSchemaStmt *stmt,
			 NeonRemoteTable *table)
{
	NeonImportedTable *imported = palloc0_object(NeonImportedTable);
	ListCell   *lc;

	imported->remote = table;
	if (!table_is_possible(import, table))
		return imported;
	foreach(lc, table->columns)
		imported->columns = lappend(imported->columns,
									import_column(import, table, lfirst(lc)));
	imported->command = table_command(imported, stmt);
	return imported;
}

/* Without this, a misspelled name in LIMIT TO would go unnoticed. */
static void
warn_missing(ImportForeignSchemaStmt *stmt, List *names)
{
	ListCell   *lc;
	ListCell   *lc2;

	if (stmt->list_type != FDW_IMPORT_SCHEMA_LIMIT_TO)
		return;
	foreach(lc, stmt->table_list)
	{
		const char *wanted = lfirst_node(RangeVar, lc)->relname;
		bool		found = false;

		foreach(lc2, names)
			found = found || strcmp(wanted, lfirst(lc2)) == 0;
		if (!found)
			ereport(WARNING,
					(errcode(ERRCODE_FDW_TABLE_NOT_FOUND),
					 errmsg("schema \"%s\" on server \"%s\" has no table \"%s\"",
							stmt->remote_schema, stmt->server_name, wanted)));
	}
}

List *
neon_import_tables(ImportForeignSchemaStmt *stmt, Oid serverid)
{
	NeonImportTypes import = {0};
	NeonRemoteSchema *schema;
	List	   *tables = NIL;
	ListCell   *lc;

	/* check the options first, since that needs no request */
	import.options = neon_import_options(stmt->options);
	import.schema = stmt->local_schema;
	import.schema_oid = LookupCreationNamespace(stmt->local_schema);

	schema = neon_read_schema(stmt, serverid);
	import.catalog = &schema->types;
	foreach(lc, schema->tables)
		import.tables = lappend(import.tables,
								((NeonRemoteTable *) lfirst(lc))->name);
	warn_missing(stmt, import.tables);

	foreach(lc, schema->tables)
		tables = lappend(tables, import_table(&import, stmt, lfirst(lc)));
	return tables;
}

List *
neonImportForeignSchema(ImportForeignSchemaStmt *stmt, Oid serverOid)
{
	List	   *commands = NIL;
	ListCell   *lc;

	foreach(lc, neon_import_tables(stmt, serverOid))
	{
		NeonImportedTable *table = lfirst(lc);

		if (table->command != NULL)
			commands = lappend(commands, table->command);
	}
	return commands;
}
