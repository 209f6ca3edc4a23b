/*-------------------------------------------------------------------------
 *
 * pin.c
 *		Commit the rows that an INSERT returned when it was rehearsed.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "pin.h"
#include "transaction.h"

char *
neon_pin_row_sql(const char *alias)
{
	return psprintf("(%s.*)::text", alias);
}

void
neon_pin_columns_query(NeonQuery *query, const char *table)
{
	query->sql =
		"SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum),"
		" string_agg('(y.r).' || quote_ident(a.attname), ', ' ORDER BY a.attnum)"
		" FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
		" WHERE a.attrelid = $1::regclass AND a.attnum > 0"
		" AND NOT a.attisdropped AND a.attgenerated = ''"
		" AND (c.relkind <> 'v' OR pg_column_is_updatable(c.oid, a.attnum, false))";
	query->nparams = 1;
	query->params = neon_one_param(table);
	query->ncolumns = NEON_PIN_COLUMNS;
}

void
neon_pin_insert(NeonQuery *query, const char *table,
				const NeonPinColumns *columns, const char *rows, int64 nrows,
				bool on_conflict)
{
	const char **params = palloc(2 * sizeof(char *));
	char	   *insert;

	/* OFFSET keeps the text of a row from being parsed for each column */
	insert = psprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE"
					  " SELECT %s FROM (SELECT x.t::%s AS r, x.n"
					  " FROM unnest($1::text[]) WITH ORDINALITY AS x (t, n)"
					  " OFFSET 0) y ORDER BY y.n%s RETURNING 1",
					  table, columns->names, columns->values, table,
					  on_conflict ? " ON CONFLICT DO NOTHING" : "");
	query->sql = neon_check_sql(insert, "count(*) = $2::bigint",
								"a row that this transaction inserts is there already");
	params[0] = rows;
	params[1] = psprintf(INT64_FORMAT, nrows);
	query->nparams = 2;
	query->params = params;
	query->ncolumns = 1;
}
