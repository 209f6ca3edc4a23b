/*-------------------------------------------------------------------------
 *
 * transaction/pinned_rows.c
 *		Commit the rows that an INSERT returned when it was rehearsed.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "deparse/check.h"
#include "deparse/pin_sql.h"
#include "deparse/query.h"
#include "remote/row_text.h"
#include "transaction/pinned_rows.h"
#include "transaction/transaction.h"

/* Columns of what the two statements below return. */
#define COLUMNS_WIDTH	4
#define UNNAMED_WIDTH	2

/* ---------- rehearsals ---------- */

/* Finds out about the columns of the table. */
static void
columns_query(NeonQuery *query, const char *table)
{
	memset(query, 0, sizeof(NeonQuery));
	query->shown = "";
	query->sql =
		"SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum),"
		" string_agg('(y.r).' || quote_ident(a.attname), ', ' ORDER BY a.attnum),"
		" string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)"
		" FILTER (WHERE a.attidentity <> 'a'),"
		" string_agg('(y.r).' || quote_ident(a.attname), ', ' ORDER BY a.attnum)"
		" FILTER (WHERE a.attidentity <> 'a')"
		" FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
		" WHERE a.attrelid = $1::regclass AND a.attnum > 0"
		" AND NOT a.attisdropped AND a.attgenerated = ''"
		" AND (c.relkind <> 'v' OR pg_column_is_updatable(c.oid, a.attnum, false))";
	query->nparams = 1;
	query->params = neon_one_param(table);
	query->ncolumns = COLUMNS_WIDTH;
}

/*
 * Finds out which columns are not named, if the table has triggers that may
 * change a row; returns nothing otherwise.
 */
static void
unnamed_query(NeonQuery *query, const char *table, const char *names,
			  bool upsert)
{
	const char **params = palloc(2 * sizeof(char *));

	memset(query, 0, sizeof(NeonQuery));
	query->shown = "";
	query->sql =
		psprintf("SELECT string_agg(', ' || quote_ident(attname), '' ORDER BY attnum),"
				 " string_agg(', (y.r).' || quote_ident(attname), '' ORDER BY attnum)"
				 " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
				 " WHERE attrelid = $1::regclass AND attnum > 0"
				 " AND NOT attisdropped AND attgenerated = ''"
				 " AND attname <> ALL ($2::text[])"
				 " AND (c.relkind <> 'v' OR pg_column_is_updatable(c.oid, a.attnum, false))"
				 " HAVING %s", neon_pin_triggers_sql("$1", upsert));
	params[0] = table;
	params[1] = names;
	query->nparams = 2;
	query->params = params;
	query->ncolumns = UNNAMED_WIDTH;
}

static char *
take_text(const NeonRow *row, int i)
{
	const char *text = row != NULL ? neon_row_text(row, i) : NULL;

	return pstrdup(text != NULL ? text : "");
}

static void
read_columns(NeonPinColumns *columns, NeonReader *reader)
{
	const NeonRow *row = neon_remote_next_row(reader);

	columns->names = take_text(row, 0);
	columns->values = take_text(row, 1);
	columns->changeable = take_text(row, 2);
	columns->changes = take_text(row, 3);
}

static void
read_unnamed(NeonPinColumns *columns, NeonReader *reader)
{
	const NeonRow *row = neon_remote_next_row(reader);

	memset(columns, 0, sizeof(NeonPinColumns));
	if (row == NULL)
		return;
	columns->names = take_text(row, 0);
	columns->values = take_text(row, 1);
}

/* Sends what is rehearsed; it may be refused if that is expected. */
static NeonReader *
send_pinned(NeonPinRehearsal *rehearsal, const NeonQuery *queries, int n,
			UserMapping *user, NeonStats *stats)
{
	NeonReader *reader;

	if (rehearsal->touch != NULL)
		rehearsal->touch->expected = rehearsal->expected;
	reader = neon_transaction_rehearse(user, rehearsal->touch,
									   rehearsal->before, queries, n, stats);
	rehearsal->refused = rehearsal->expected != NULL &&
		neon_remote_expect(reader, rehearsal->expected) != NULL;
	return reader;
}

/* Sends the INSERT alone if its columns are known, and returns NULL if not. */
static NeonReader *
rehearse_known(NeonPinRehearsal *rehearsal, UserMapping *user,
			   NeonStats *stats)
{
	NeonTouch  *touch = rehearsal->touch;

	if (touch == NULL || !neon_transaction_knows(user, touch) ||
		touch->fact->columns == NULL)
		return NULL;
	rehearsal->columns = *touch->fact->columns;
	rehearsal->unnamed = *touch->fact->unnamed;
	touch->relies = true;
	return send_pinned(rehearsal, rehearsal->insert, 1, user, stats);
}

int
neon_pin_queries(const NeonPinRehearsal *rehearsal, NeonQuery *queries)
{
	int			n = 0;

	columns_query(&queries[n++], rehearsal->table);
	if (rehearsal->named != NULL)
		unnamed_query(&queries[n++], rehearsal->table, rehearsal->named,
					  rehearsal->upsert);
	queries[n++] = *rehearsal->insert;
	return n;
}

void
neon_pin_read(NeonPinRehearsal *rehearsal, NeonReader *reader)
{
	read_columns(&rehearsal->columns, reader);
	(void) neon_remote_next_result(reader);
	if (rehearsal->named == NULL)
		return;
	read_unnamed(&rehearsal->unnamed, reader);
	(void) neon_remote_next_result(reader);
}

NeonReader *
neon_pin_rehearse(NeonPinRehearsal *rehearsal, UserMapping *user,
				  NeonStats *stats)
{
	NeonQuery	queries[NEON_PIN_QUERIES];
	NeonReader *reader = rehearse_known(rehearsal, user, stats);
	int			n;

	if (reader != NULL)
		return reader;
	n = neon_pin_queries(rehearsal, queries);
	reader = send_pinned(rehearsal, queries, n, user, stats);
	if (rehearsal->refused)
		return reader;
	neon_pin_read(rehearsal, reader);
	if (rehearsal->touch != NULL)
		neon_fact_keep_columns(rehearsal->touch->fact, &rehearsal->columns,
							   &rehearsal->unnamed);
	return reader;
}

/* ---------- commits ---------- */

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
	memset(query, 0, sizeof(NeonQuery));
	query->sql = neon_check_sql(insert, "count(*) = $2::bigint",
								"a row that this transaction inserts is there already");
	params[0] = rows;
	params[1] = psprintf(INT64_FORMAT, nrows);
	query->nparams = 2;
	query->params = params;
	query->ncolumns = 1;
	query->nrows = nrows;
	query->joinable = true;
}

void
neon_pin_unnamed(NeonQuery *query, const char *table,
				 const NeonPinColumns *columns, const NeonPinSource *source,
				 const char *rows, int64 nrows)
{
	int			n = source->nparams;
	const char **params = palloc((n + 2) * sizeof(char *));
	StringInfoData values;
	StringInfoData aliases;
	char	   *insert;

	initStringInfo(&values);
	for (int i = 1; i <= source->ncolumns; i++)
		appendStringInfo(&values, "%ss.c%d", i > 1 ? ", " : "", i);
	initStringInfo(&aliases);
	for (int i = 1; i <= source->ncolumns; i++)
		appendStringInfo(&aliases, ", c%d", i);
	insert = psprintf("INSERT INTO %s (%s%s) OVERRIDING SYSTEM VALUE"
					  " SELECT %s%s FROM"
					  " (SELECT row_number() OVER (), q.* FROM (%s) q) AS s (n%s)"
					  " JOIN (SELECT x.t::%s AS r, x.n"
					  " FROM unnest($%d::text[]) WITH ORDINALITY AS x (t, n)"
					  " OFFSET 0) y ON y.n = s.n ORDER BY s.n RETURNING 1",
					  table, source->named, columns->names, values.data,
					  columns->values, source->sql, aliases.data, table,
					  n + 1);
	memset(query, 0, sizeof(NeonQuery));
	query->sql = neon_check_sql(insert,
								psprintf("count(*) = $%d::bigint", n + 2),
								"a row that this transaction inserts is there already");
	memcpy(params, source->params, n * sizeof(char *));
	params[n] = rows;
	params[n + 1] = psprintf(INT64_FORMAT, nrows);
	query->nparams = n + 2;
	query->params = params;
	query->ncolumns = 1;
	query->nrows = nrows;
}

void
neon_pin_update(NeonQuery *query, const char *table,
				const NeonPinColumns *columns, const char *keys,
				const char *rows, const char *versions, int64 nrows)
{
	const char **params = palloc(3 * sizeof(char *));
	char	   *update;

	update = psprintf("UPDATE %s AS o SET (%s) = ROW(%s)"
					  " FROM (SELECT x.t::%s AS r, x.v"
					  " FROM unnest($1::text[], $2::text[]) AS x (t, v)"
					  " OFFSET 0) y WHERE %s AND " NEON_VERSION_SQL " = y.v"
					  " RETURNING 1",
					  table, columns->changeable, columns->changes, table,
					  keys);
	memset(query, 0, sizeof(NeonQuery));
	query->sql = neon_check_sql(update, "count(*) = $3::bigint",
								"a row that this transaction updates was changed by another one");
	params[0] = rows;
	params[1] = versions;
	params[2] = psprintf(INT64_FORMAT, nrows);
	query->nparams = 3;
	query->params = params;
	query->ncolumns = 1;
	query->nrows = nrows;
}
