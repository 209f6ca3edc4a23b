/*-------------------------------------------------------------------------
 *
 * schema/import_read.c
 *		What the remote's catalog says about a schema.
 *
 * One batch of three statements: the schema itself, the types that its
 * tables need (with all that these are made of), the columns of the tables.
 * They must work on every remote from PostgreSQL 14 on, and name everything
 * with its schema.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "foreign/foreign.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"

#include "option/option.h"
#include "remote/error_text.h"
#include "remote/remote.h"
#include "schema/import_read.h"
#include "schema/purpose.h"

/*
 * Which relations are asked for.  $1 is the schema, $2 the list of names, $3
 * the commit ledger.  Partitions are left out unless they are named: the
 * partitioned table has their rows.  So is the ledger, which is not the
 * user's.
 */
#define RELATIONS \
	"c.relnamespace = (SELECT n.oid FROM pg_catalog.pg_namespace n" \
	" WHERE n.nspname = $1::pg_catalog.name)" \
	" AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"

#define OTHERS \
	" AND NOT c.relispartition" \
	" AND c.oid IS DISTINCT FROM" \
	" pg_catalog.to_regclass($3::pg_catalog.text)"

/* Parameters that a statement does not use must have a type all the same. */
#define UNUSED(param, type) \
	" AND (" param "::pg_catalog." type " IS NULL OR true)"

static const char *const relation_conditions[] = {
	[FDW_IMPORT_SCHEMA_ALL] =
	RELATIONS OTHERS UNUSED("$2", "name[]"),
	[FDW_IMPORT_SCHEMA_LIMIT_TO] =
	RELATIONS " AND c.relname = ANY ($2::pg_catalog.name[])"
	UNUSED("$3", "text"),
	[FDW_IMPORT_SCHEMA_EXCEPT] =
	RELATIONS OTHERS
	" AND c.relname <> ALL ($2::pg_catalog.name[])"
};

/* A partitioned table has an estimate of its own only after ANALYZE. */
#define ROW_ESTIMATE \
	"CASE WHEN c.relkind <> 'p' OR c.reltuples >= 0 THEN c.reltuples" \
	" ELSE (SELECT pg_catalog.sum(p.reltuples)" \
	" FROM pg_catalog.pg_partition_tree(c.oid) i" \
	" JOIN pg_catalog.pg_class p ON p.oid = i.relid" \
	" WHERE i.isleaf AND p.reltuples >= 0) END"

#define COLUMNS_OF_RELATION \
	"a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"

/* Schema and name of the collation co. */
#define COLLATION_NAME \
	"(SELECT n.nspname FROM pg_catalog.pg_namespace n" \
	" WHERE n.oid = co.collnamespace), co.collname"

/* How many columns describe a type, its modifier and its collation. */
#define TYPING_COLUMNS 4

static const char schema_sql[] =
"SELECT n.nspname FROM pg_catalog.pg_namespace n"
" WHERE n.nspname = $1::pg_catalog.name";

/*
 * The rows of types_sql are types, attributes of composite types, or labels
 * of enums.  Built-in types are the same everywhere, so there is no need to
 * look inside of them.
 */
enum
{
	ROW_TYPE,
	ROW_ATTRIBUTE,
	ROW_LABEL
};

/* Columns of types_sql; rows that are no types have no more than NAME. */
enum
{
	TYPES_ROW,					/* kind of row */
	TYPES_OID,					/* of the type */
	TYPES_NUMBER,				/* order of attributes and labels */
	TYPES_NAME,
	TYPES_TYPING,				/* what a type is made of; an attribute's */
	TYPES_KIND = TYPES_TYPING + TYPING_COLUMNS,
	TYPES_SCHEMA,
	TYPES_EXTENSION,
	TYPES_SQL_NAME,
	TYPES_IS_TABLE,
	TYPES_COLUMNS
};

static const char types_sql[] =
"WITH RECURSIVE need (oid) AS ("
"SELECT a.atttypid FROM pg_catalog.pg_class c"
" JOIN pg_catalog.pg_attribute a ON " COLUMNS_OF_RELATION
" WHERE %s"
" UNION "
"SELECT part.oid FROM need"
" JOIN pg_catalog.pg_type t ON t.oid = need.oid"
" JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace"
" AND n.nspname NOT IN ('pg_catalog', 'information_schema'),"
" LATERAL (SELECT t.typelem"
" UNION ALL SELECT t.typbasetype"
" UNION ALL SELECT r.rngsubtype FROM pg_catalog.pg_range r"
" WHERE r.rngtypid = t.oid"
" UNION ALL SELECT r.rngtypid FROM pg_catalog.pg_range r"
" WHERE r.rngmultitypid = t.oid"
" UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute a"
" WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped"
") part (oid) WHERE part.oid <> 0) "

"SELECT 0, t.oid, 0, t.typname,"
" CASE WHEN e.oid IS NOT NULL THEN e.oid"
" WHEN t.typtype = 'd' THEN t.typbasetype"
" WHEN r.rngtypid = t.oid THEN r.rngsubtype"
" WHEN r.rngmultitypid = t.oid THEN r.rngtypid"
" ELSE 0 END,"
" t.typtypmod, " COLLATION_NAME ","
" CASE WHEN e.oid IS NOT NULL THEN 'A' ELSE t.typtype END,"
" n.nspname, x.extname, pg_catalog.format_type(t.oid, NULL),"
" coalesce(c.relkind <> 'c', false)"
" FROM need JOIN pg_catalog.pg_type t ON t.oid = need.oid"
" JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace"
" LEFT JOIN pg_catalog.pg_type e"
" ON e.oid = t.typelem AND e.typarray = t.oid"
" LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype"
" LEFT JOIN pg_catalog.pg_collation co"
" ON co.oid = t.typcollation AND co.oid <> b.typcollation"
" LEFT JOIN pg_catalog.pg_range r"
" ON r.rngtypid = t.oid OR r.rngmultitypid = t.oid"
" LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid"
" LEFT JOIN pg_catalog.pg_depend d"
" ON d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass"
" AND d.objid = t.oid AND d.deptype = 'e'"
" AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass"
" LEFT JOIN pg_catalog.pg_extension x ON x.oid = d.refobjid"

" UNION ALL "
"SELECT 1, t.oid, a.attnum, a.attname, a.atttypid, a.atttypmod,"
" " COLLATION_NAME ", NULL, NULL, NULL, NULL, NULL"
" FROM need JOIN pg_catalog.pg_type t ON t.oid = need.oid"
" JOIN pg_catalog.pg_attribute a ON a.attrelid = t.typrelid"
" AND a.attnum > 0 AND NOT a.attisdropped"
" JOIN pg_catalog.pg_type at ON at.oid = a.atttypid"
" LEFT JOIN pg_catalog.pg_collation co"
" ON co.oid = a.attcollation AND co.oid <> at.typcollation"

" UNION ALL "
"SELECT 2, e.enumtypid, pg_catalog.row_number()"
" OVER (PARTITION BY e.enumtypid ORDER BY e.enumsortorder), e.enumlabel,"
" NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL"
" FROM need JOIN pg_catalog.pg_enum e ON e.enumtypid = need.oid"
" ORDER BY 1, 2, 3";

/*
 * A NOT NULL constraint that is not validated yet (PostgreSQL 18) promises
 * nothing about the rows that are there.
 *
 * Expressions of generated columns are left where they are.
 */
enum
{
	TABLES_NAME,
	TABLES_COLUMN,				/* its name; null: the table has no columns */
	TABLES_TYPING,
	TABLES_NOT_NULL = TABLES_TYPING + TYPING_COLUMNS,
	TABLES_KEY,
	TABLES_GENERATED,
	TABLES_EXPRESSION,
	TABLES_ROWS,
	TABLES_COLUMNS
};

static const char tables_sql[] =
"SELECT c.relname, a.attname, a.atttypid, a.atttypmod, " COLLATION_NAME ","
" a.attnotnull AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k"
" WHERE k.conrelid = c.oid AND k.contype = 'n' AND NOT k.convalidated"
" AND a.attnum = ANY (k.conkey)),"
" EXISTS (SELECT FROM pg_catalog.pg_index i"
" WHERE i.indrelid = c.oid AND i.indisprimary AND i.indisvalid"
" AND a.attnum ="
" ANY ((i.indkey::pg_catalog.int2[])[0:i.indnkeyatts - 1])),"
" a.attgenerated <> '',"
" CASE WHEN a.attgenerated = '' THEN"
" pg_catalog.pg_get_expr(d.adbin, d.adrelid) END,"
" " ROW_ESTIMATE
" FROM pg_catalog.pg_class c"
" LEFT JOIN pg_catalog.pg_attribute a ON " COLUMNS_OF_RELATION
" LEFT JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
" LEFT JOIN pg_catalog.pg_collation co"
" ON co.oid = a.attcollation AND co.oid <> t.typcollation"
" LEFT JOIN pg_catalog.pg_attrdef d"
" ON d.adrelid = c.oid AND d.adnum = a.attnum"
" WHERE %s"
" ORDER BY c.relname, a.attnum";

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

/*
 * The text of a cell, NULL if it is null.  Whether the statements can return
 * a null there proves nothing: it is another server that says it.
 */
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
	if (row->values[i] == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
				 errmsg("remote catalog has an unexpected null"),
				 errdetail("It is column %d of %d.", i + 1, row->ncolumns)));
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

/* From TYPING_COLUMNS cells, of which i is the first. */
static void
read_typing(const NeonRow *row, int i, NeonTyping *typing)
{
	typing->type = required_oid(row, i);
	typing->typmod = pg_strtoint32(required_text(row, i + 1));
	typing->collation_schema = optional_text(row, i + 2);
	typing->collation = optional_text(row, i + 3);
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

/* The names of LIMIT TO or EXCEPT as text of an array, NULL for neither. */
static char *
names_parameter(ImportForeignSchemaStmt *stmt)
{
	ArrayType  *array;
	Datum	   *names;
	int			n = 0;
	ListCell   *lc;

	if (stmt->list_type == FDW_IMPORT_SCHEMA_ALL)
		return NULL;

	names = palloc_array(Datum, list_length(stmt->table_list));
	foreach(lc, stmt->table_list)
		names[n++] = CStringGetTextDatum(lfirst_node(RangeVar, lc)->relname);
	array = construct_array(names, n, TEXTOID, -1, false, TYPALIGN_INT);
	return OidOutputFunctionCall(F_ARRAY_OUT, PointerGetDatum(array));
}

NeonRemoteSchema *
neon_read_schema(ImportForeignSchemaStmt *stmt, Oid serverid)
{
	UserMapping *user = GetUserMapping(GetUserId(), serverid);
	NeonRemoteSchema *schema = palloc0_object(NeonRemoteSchema);
	const char *condition = relation_conditions[stmt->list_type];
	const char *params[3];
	NeonQuery	queries[3] = {0};
	NeonStats	stats = {0};
	NeonReader *reader;
	NeonPurpose purpose;

	params[0] = stmt->remote_schema;
	params[1] = names_parameter(stmt);
	params[2] = neon_server_options(GetForeignServer(serverid))->commit_ledger;
	for (int i = 0; i < lengthof(queries); i++)
	{
		queries[i].nparams = i > 0 ? lengthof(params) : 1;
		queries[i].params = params;
	}
	queries[0].sql = schema_sql;
	queries[0].ncolumns = 1;
	queries[1].sql = psprintf(types_sql, condition);
	queries[1].ncolumns = TYPES_COLUMNS;
	queries[2].sql = psprintf(tables_sql, condition);
	queries[2].ncolumns = TABLES_COLUMNS;

	neon_purpose_begin(&purpose,
					   psprintf("reading the catalog of schema \"%s\" on server \"%s\"",
								stmt->remote_schema, stmt->server_name),
					   queries, lengthof(queries));
	reader = neon_remote_read(neon_connection_get(user), queries,
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
	neon_remote_close(reader);
	neon_purpose_end(&purpose);
	return schema;
}
