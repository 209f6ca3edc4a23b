/*-------------------------------------------------------------------------
 *
 * schema/import.c
 *		IMPORT FOREIGN SCHEMA.
 *
 * Each remote table becomes a CREATE FOREIGN TABLE command, or a warning if
 * the local database cannot have its name or one of its columns, types and
 * collations: one such table must not keep a user from all the others.
 *
 * What the remote says is data: somebody who controls the remote must not be
 * able to give commands here.  Names and strings are quoted in commands.  The
 * only SQL of the remote that gets into a command are defaults that
 * schema/import_default.c has found harmless.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/heap.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "foreign/foreign.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "compat/compat.h"
#include "remote/error_text.h"
#include "schema/import.h"
#include "schema/import_default.h"
#include "schema/import_extension.h"
#include "schema/import_match.h"
#include "schema/import_type.h"

/* Columns that are imported without what the remote has, for messages. */
typedef struct SkippedColumns
{
	StringInfoData defaults;
	StringInfoData generated;
} SkippedColumns;

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

static void
list_column(StringInfo list, NeonRemoteTable *table, NeonRemoteColumn *column)
{
	neon_text_list(list, quote_qualified_identifier(table->name,
													column->name));
}

/*
 * DEFAULT or GENERATED.
 *
 * Values of generated columns are computed by the remote, read from there and
 * never written.  So all that counts is that the local database knows the
 * column for a generated one and leaves it out of writes: the expression is
 * NULL, and that of the remote, which could call functions here, is not even
 * asked for.  For the same reason a virtual generated column becomes a stored
 * one.  A row is still made with the NULL before the remote is asked, so the
 * type must allow it.
 */
static void
append_expression(StringInfo buf, NeonImportTypes *import,
				  SkippedColumns *skipped, NeonRemoteTable *table,
				  NeonImportedColumn *imported)
{
	NeonRemoteColumn *column = imported->remote;

	if (column->generated && import->options->import_generated)
	{
		if (get_typtype(imported->type) == TYPTYPE_DOMAIN &&
			neon_domain_has_constraints(imported->type))
			list_column(&skipped->generated, table, column);
		else
		{
			imported->generated = true;
			appendStringInfo(buf, " GENERATED ALWAYS AS (NULL::%s) STORED",
							 imported->type_sql);
		}
	}
	if (column->expression != NULL && import->options->import_default)
	{
		if (neon_default_is_harmless(column->expression, imported->type,
									 column->typing.typmod))
			appendStringInfo(buf, " DEFAULT (%s)", column->expression);
		else
			list_column(&skipped->defaults, table, column);
	}
}

static NeonImportedColumn *
import_column(NeonImportTypes *import, SkippedColumns *skipped,
			  NeonRemoteTable *table, NeonRemoteColumn *column)
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
	imported->unordered = neon_type_is_unordered(import->catalog,
												 column->typing.type);
	if (imported->unordered)
	{
		appendStringInfoString(&buf, ", ");
		append_option(&buf, "same_order", "false");
	}
	if (column->key)
	{
		appendStringInfoString(&buf, ", ");
		append_option(&buf, "key", "true");
	}
	appendStringInfo(&buf, ")%s", imported->collate_sql);
	append_expression(&buf, import, skipped, table, imported);
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
import_table(NeonImportTypes *import, SkippedColumns *skipped,
			 ImportForeignSchemaStmt *stmt, NeonRemoteTable *table)
{
	NeonImportedTable *imported = palloc0_object(NeonImportedTable);
	ListCell   *lc;

	imported->remote = table;
	if (!table_is_possible(import, table))
		return imported;
	foreach(lc, table->columns)
		imported->columns = lappend(imported->columns,
									import_column(import, skipped, table,
												  lfirst(lc)));
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

static void
notice_skipped(SkippedColumns *skipped)
{
	if (skipped->defaults.len > 0)
		ereport(NOTICE,
				(errmsg("defaults of remote columns are not imported: %s",
						skipped->defaults.data),
				 errdetail("Only constants, and built-in functions that can do no harm, become defaults of foreign tables.")));
	if (skipped->generated.len > 0)
		ereport(NOTICE,
				(errmsg("generated columns are imported as ordinary columns: %s",
						skipped->generated.data),
				 errdetail("Their type is a domain with constraints."),
				 errhint("Leave these columns out when writing.")));
}

List *
neon_import_tables(ImportForeignSchemaStmt *stmt, Oid serverid, bool refresh)
{
	NeonImportTypes import = {0};
	SkippedColumns skipped;
	NeonRemoteSchema *schema;
	List	   *tables = NIL;
	ListCell   *lc;

	initStringInfo(&skipped.defaults);
	initStringInfo(&skipped.generated);

	/* check the options first, since that needs no request */
	import.options = neon_import_options(stmt->options);
	import.refresh = refresh;
	import.schema = stmt->local_schema;
	import.schema_oid = LookupCreationNamespace(stmt->local_schema);

	schema = neon_read_schema(stmt, serverid);
	neon_import_extension_schemas(serverid, schema->extensions);
	import.catalog = &schema->types;
	foreach(lc, schema->tables)
		import.tables = lappend(import.tables,
								((NeonRemoteTable *) lfirst(lc))->name);
	warn_missing(stmt, import.tables);

	foreach(lc, schema->tables)
		tables = lappend(tables,
						 import_table(&import, &skipped, stmt, lfirst(lc)));
	notice_skipped(&skipped);
	return tables;
}

List *
neonImportForeignSchema(ImportForeignSchemaStmt *stmt, Oid serverOid)
{
	List	   *commands = NIL;
	ListCell   *lc;

	foreach(lc, neon_import_tables(stmt, serverOid, false))
	{
		NeonImportedTable *table = lfirst(lc);

		if (table->command != NULL)
			commands = lappend(commands, table->command);
	}
	return commands;
}
