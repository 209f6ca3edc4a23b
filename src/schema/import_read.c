/*-------------------------------------------------------------------------
 *
 * schema/import_read.c
 *		What the remote's catalog says about a schema.
 *
 * One batch of four statements: the schema itself, the types that its tables
 * need (with all that these are made of), the columns of the tables, and the
 * extensions.  It is a read of the transaction like others: it sees the DDL
 * that neon_http_exec() has not committed yet.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "foreign/foreign.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "option/extension_schemas.h"
#include "option/option.h"
#include "remote/error_text.h"
#include "remote/remote.h"
#include "remote/row_text.h"
#include "schema/import_query.h"
#include "schema/import_read.h"
#include "schema/purpose.h"
#include "transaction/transaction.h"

/* A cell, as far as the server's encoding can show it. */
static const char *
shown_cell(const NeonRow *row, int i)
{
	static const char *const no_secrets[] = {NULL};
	static const NeonRedaction redaction = {no_secrets, 0};

	return neon_text_show_line(row->values[i], row->lengths[i], NAMEDATALEN,
							   &redaction);
}

typedef struct Place
{
	const char *cell;
	const char *table;			/* NULL if it is not of a table */
} Place;

/* The conversion's own error does not say which name it is about. */
static void
conversion_error_callback(void *arg)
{
	Place	   *place = arg;

	errcontext("\"%s\" in the remote catalog", place->cell);
	if (place->table != NULL)
		errcontext("remote table \"%s\"", place->table);
}

/* The text of a cell, NULL if it is null. */
static char *
optional_text(const NeonRow *row, int i)
{
	char	   *value = row->values[i];
	char	   *converted;
	Place		place = {0};
	ErrorContextCallback context;

	if (value == NULL || row->ascii || GetDatabaseEncoding() == PG_UTF8)
		return value ? pstrdup(value) : NULL;

	place.cell = shown_cell(row, i);
	if (row->ncolumns == TABLES_COLUMNS && i > 0)
		place.table = shown_cell(row, TABLES_NAME);
	context.callback = conversion_error_callback;
	context.arg = &place;
	context.previous = error_context_stack;
	error_context_stack = &context;
	converted = pg_any_to_server(value, row->lengths[i], PG_UTF8);
	error_context_stack = context.previous;
	return converted == value ? pstrdup(value) : converted;
}

static char *
required_text(const NeonRow *row, int i)
{
	(void) neon_row_not_null(row, i);
	return optional_text(row, i);
}

/*
 * A name that is not one cannot come from a PostgreSQL: it would be cut short
 * in a command and then not be found.  (A name may grow when it is converted.)
 */
static char *
required_name(const NeonRow *row, int i)
{
	char	   *name = required_text(row, i);

	if (name[0] == '\0' || strlen(name) >= NAMEDATALEN)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
				 errmsg(name[0] == '\0' ?
						"remote catalog has an empty name" :
						"remote catalog has a name that is too long"),
				 errdetail("Column %d of %d of a row is \"%s\".", i + 1,
						   row->ncolumns, shown_cell(row, i))));
	return name;
}

static Oid
required_oid(const NeonRow *row, int i)
{
	char	   *text = required_text(row, i);

	return DatumGetObjectId(DirectFunctionCall1(oidin, CStringGetDatum(text)));
}

static bool
required_bool(const NeonRow *row, int i)
{
	return *required_text(row, i) == 't';
}

/* Reads a type from TYPING_COLUMNS cells, of which i is the first. */
static void
read_typing(const NeonRow *row, int i, NeonTyping *typing)
{
	typing->type = required_oid(row, i + TYPING_TYPE);
	typing->typmod = pg_strtoint32(required_text(row, i + TYPING_MODIFIER));
	typing->collation_schema = optional_text(row, i + TYPING_COLLATION_SCHEMA);
	typing->collation = optional_text(row, i + TYPING_COLLATION);
	if (typing->collation_schema == NULL)
		typing->collation = NULL;
}

NeonCatalogType *
neon_catalog_type(NeonTypeCatalog *catalog, Oid type)
{
	NeonCatalogType *found = hash_search(catalog->hash, &type, HASH_FIND, NULL);

	if (found == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
				 errmsg("remote catalog does not list type %u", type)));
	return found;
}

bool
neon_catalog_type_is_builtin(const NeonCatalogType *type)
{
	return type->extension == NULL &&
		(strcmp(type->schema, "pg_catalog") == 0 ||
		 strcmp(type->schema, "information_schema") == 0);
}

static void
read_type(NeonTypeCatalog *catalog, const NeonRow *row)
{
	Oid			oid = required_oid(row, TYPES_OID);
	NeonCatalogType *type;

	type = hash_search(catalog->hash, &oid, HASH_ENTER, NULL);
	memset(type, 0, sizeof(NeonCatalogType));
	type->oid = oid;
	type->name = required_name(row, TYPES_NAME);
	read_typing(row, TYPES_TYPING, &type->related);
	type->kind = *required_text(row, TYPES_KIND);
	type->schema = required_name(row, TYPES_SCHEMA);
	type->extension = optional_text(row, TYPES_EXTENSION);
	type->sql = required_text(row, TYPES_SQL_NAME);
	type->is_table = required_bool(row, TYPES_IS_TABLE);
}

static void
read_types(NeonReader *reader, NeonTypeCatalog *catalog)
{
	HASHCTL		ctl = {0};
	const NeonRow *row;

	ctl.keysize = sizeof(Oid);
	ctl.entrysize = sizeof(NeonCatalogType);
	ctl.hcxt = CurrentMemoryContext;
	catalog->hash = hash_create("neon_http_fdw import types", 64, &ctl,
								HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);

	while ((row = neon_remote_next_row(reader)) != NULL)
	{
		int			part = pg_strtoint32(required_text(row, TYPES_ROW));
		NeonCatalogType *type;

		if (part == ROW_TYPE)
		{
			read_type(catalog, row);
			continue;
		}
		type = neon_catalog_type(catalog, required_oid(row, TYPES_OID));
		if (part == ROW_ATTRIBUTE)
		{
			NeonRemoteAttribute *attribute = palloc0_object(NeonRemoteAttribute);

			attribute->name = required_name(row, TYPES_NAME);
			read_typing(row, TYPES_TYPING, &attribute->typing);
			type->attributes = lappend(type->attributes, attribute);
		}
		else
			type->labels = lappend(type->labels, required_text(row, TYPES_NAME));
	}
}

static NeonRemoteColumn *
read_column(const NeonRow *row)
{
	NeonRemoteColumn *column = palloc0_object(NeonRemoteColumn);

	column->name = required_name(row, TABLES_COLUMN);
	read_typing(row, TABLES_TYPING, &column->typing);
	column->notnull = required_bool(row, TABLES_NOT_NULL);
	column->key = required_bool(row, TABLES_KEY);
	column->generated = required_bool(row, TABLES_GENERATED);
	column->expression = optional_text(row, TABLES_EXPRESSION);
	return column;
}

static double
row_estimate(const NeonRow *row, int i)
{
	char	   *text = optional_text(row, i);

	if (text == NULL)
		return -1;
	return DatumGetFloat8(DirectFunctionCall1(float8in,
											  CStringGetDatum(text)));
}

/* The rows of a table follow each other; one without columns has one row. */
static List *
read_tables(NeonReader *reader)
{
	List	   *tables = NIL;
	NeonRemoteTable *table = NULL;
	const NeonRow *row;

	while ((row = neon_remote_next_row(reader)) != NULL)
	{
		char	   *name = required_name(row, TABLES_NAME);

		if (table == NULL || strcmp(table->name, name) != 0)
		{
			table = palloc0_object(NeonRemoteTable);
			table->name = name;
			table->rows = row_estimate(row, TABLES_ROWS);
			tables = lappend(tables, table);
		}
		if (row->values[TABLES_COLUMN] != NULL)
			table->columns = lappend(table->columns, read_column(row));
	}
	return tables;
}

static List *
read_extensions(NeonReader *reader)
{
	List	   *extensions = NIL;
	const NeonRow *row;

	while ((row = neon_remote_next_row(reader)) != NULL)
	{
		NeonExtensionSchema *extension = palloc0_object(NeonExtensionSchema);

		extension->extension = required_name(row, 0);
		extension->schema = required_name(row, 1);
		extensions = lappend(extensions, extension);
	}
	return extensions;
}

NeonRemoteSchema *
neon_read_schema(ImportForeignSchemaStmt *stmt, Oid serverid)
{
	UserMapping *user = GetUserMapping(GetUserId(), serverid);
	NeonRemoteSchema *schema = palloc0_object(NeonRemoteSchema);
	NeonQuery	queries[NEON_IMPORT_QUERIES];
	NeonStats	stats = {0};
	NeonReader *reader;
	NeonPurpose purpose;

	neon_import_queries(queries, stmt,
						neon_server_options(GetForeignServer(serverid))->commit_ledger);
	neon_purpose_begin(&purpose,
					   psprintf("reading the catalog of schema \"%s\" on server \"%s\"",
								stmt->remote_schema, stmt->server_name),
					   queries, lengthof(queries));
	reader = neon_transaction_read(user, GetCurrentCommandId(false), queries,
								   lengthof(queries), &stats);
	if (neon_remote_next_row(reader) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_SCHEMA_NOT_FOUND),
				 errmsg("schema \"%s\" does not exist on server \"%s\"",
						stmt->remote_schema, stmt->server_name)));
	neon_remote_next_result(reader);
	read_types(reader, &schema->types);
	neon_remote_next_result(reader);
	schema->tables = read_tables(reader);
	neon_remote_next_result(reader);
	schema->extensions = read_extensions(reader);
	neon_remote_close(reader);
	neon_purpose_end(&purpose);
	return schema;
}
