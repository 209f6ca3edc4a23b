/*-------------------------------------------------------------------------
 *
 * schema/import_query.c
 *		The statements that read the remote's catalog.
 *
 * They must work on every remote from PostgreSQL 14 on, and name everything
 * with its schema.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"

#include "compat/compat.h"
#include "schema/import_query.h"

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

static const char extensions_sql[] =
"SELECT x.extname, n.nspname FROM pg_catalog.pg_extension x"
" JOIN pg_catalog.pg_namespace n ON n.oid = x.extnamespace"
" ORDER BY x.extname";

static const char schema_sql[] =
"SELECT n.nspname FROM pg_catalog.pg_namespace n"
" WHERE n.nspname = $1::pg_catalog.name";

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

void
neon_import_queries(NeonQuery *queries, ImportForeignSchemaStmt *stmt,
					const char *ledger)
{
	const char *condition = relation_conditions[stmt->list_type];
	const char **params = palloc(3 * sizeof(char *));

	params[0] = stmt->remote_schema;
	params[1] = names_parameter(stmt);
	params[2] = ledger;
	memset(queries, 0, NEON_IMPORT_QUERIES * sizeof(NeonQuery));
	for (int i = 0; i < NEON_IMPORT_QUERIES; i++)
	{
		queries[i].nparams = i == QUERY_SCHEMA ? 1 :
			i == QUERY_EXTENSIONS ? 0 : 3;
		queries[i].params = params;
		queries[i].read = NEON_READ_INTERNAL;
		queries[i].catalog = true;
	}
	queries[QUERY_SCHEMA].sql = schema_sql;
	queries[QUERY_SCHEMA].ncolumns = 1;
	queries[QUERY_TYPES].sql = psprintf(types_sql, condition);
	queries[QUERY_TYPES].ncolumns = TYPES_COLUMNS;
	queries[QUERY_TABLES].sql = psprintf(tables_sql, condition);
	queries[QUERY_TABLES].ncolumns = TABLES_COLUMNS;
	queries[QUERY_EXTENSIONS].sql = extensions_sql;
	queries[QUERY_EXTENSIONS].ncolumns = 2;
}
