/*-------------------------------------------------------------------------
 *
 * functions/user_batch.c
 *		neon_http_batch(): statements of the user's own, in one remote
 *		transaction.
 *
 * That transaction commits at once, whatever becomes of the local one.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"

#include "compat/compat.h"
#include "functions/function.h"
#include "functions/statement_text.h"
#include "functions/user_sql.h"
#include "remote/guard.h"
#include "remote/row_text.h"
#include "scan/fields.h"
#include "scan/row.h"
#include "transaction/committed.h"
#include "transaction/transaction.h"

PG_FUNCTION_INFO_V1(neon_http_batch);

/* Numbers of the arguments. */
#define SERVER		0
#define STATEMENTS	1
#define ISOLATION	2
#define READ_ONLY	3
#define DEFERRABLE	4

/* ---------- arguments ---------- */

/* The request header for an isolation level as SQL names it, in any case. */
static const char *
isolation_header(char *level)
{
	static const char *const levels[][2] = {
		{"read uncommitted", "Neon-Batch-Isolation-Level: ReadUncommitted"},
		{"read committed", "Neon-Batch-Isolation-Level: ReadCommitted"},
		{"repeatable read", "Neon-Batch-Isolation-Level: RepeatableRead"},
		{"serializable", "Neon-Batch-Isolation-Level: Serializable"},
	};

	for (int i = 0; i < lengthof(levels); i++)
	{
		if (pg_strcasecmp(level, levels[i][0]) == 0)
			return levels[i][1];
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid isolation level: \"%s\"", level),
			 errhint("Valid levels are \"read uncommitted\", \"read committed\", \"repeatable read\" and \"serializable\".")));
}

static bool
get_flag(FunctionCallInfo fcinfo, int n)
{
	return !PG_ARGISNULL(n) && PG_GETARG_BOOL(n);
}

static void
make_headers(FunctionCallInfo fcinfo, const char **headers)
{
	int			n = 0;

	if (!PG_ARGISNULL(ISOLATION))
		headers[n++] = isolation_header(text_to_cstring(PG_GETARG_TEXT_PP(ISOLATION)));
	if (get_flag(fcinfo, READ_ONLY))
		headers[n++] = "Neon-Batch-Read-Only: true";
	if (get_flag(fcinfo, DEFERRABLE))
		headers[n++] = "Neon-Batch-Deferrable: true";
	headers[n] = NULL;
}

/*
 * The statements, after one that gives them the search_path that the remote
 * has for the user.
 */
static void
make_queries(FunctionCallInfo fcinfo, NeonBatch *batch)
{
	NeonQuery  *queries;
	Datum	   *values;
	bool	   *nulls;
	int			n;

	neon_user_sql_not_null(fcinfo, STATEMENTS, "statements");
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(STATEMENTS), TEXTOID, -1, false,
					  TYPALIGN_INT, &values, &nulls, &n);
	queries = palloc0((n + 1) * sizeof(NeonQuery));
	neon_guard_enter(&queries[0], false);
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("elements of parameter \"%s\" must not be null",
							"statements")));
		queries[i + 1].sql = TextDatumGetCString(values[i]);
		queries[i + 1].ncolumns = -1;
		neon_statement_text_check(queries[i + 1].sql);
	}
	batch->queries = queries;
	batch->nqueries = n + 1;
}

/* ---------- results ---------- */

static void
append_value(StringInfo json, const NeonRow *row, int column)
{
	char	   *value = neon_row_text(row, column);

	if (column > 0)
		appendStringInfoChar(json, ',');
	if (value == NULL)
	{
		appendStringInfoString(json, "null");
		return;
	}
	escape_json(json, value);
	if (value != row->values[column])
		pfree(value);
}

static void
append_row(StringInfo json, const NeonRow *row)
{
	appendStringInfoString(json, json->data[json->len - 1] == '[' ?
						   "[" : ",[");
	for (int i = 0; i < row->ncolumns; i++)
		append_value(json, row, i);
	appendStringInfoChar(json, ']');
}

/* The reader's current result as one JSON object. */
static char *
read_result(NeonReader *reader)
{
	StringInfoData json;
	const NeonRow *row;
	const char *fields;

	initStringInfo(&json);
	appendStringInfoString(&json, "{\"rows\":[");
	while ((row = neon_remote_next_row(reader)) != NULL)
		append_row(&json, row);
	fields = neon_remote_fields(reader);
	appendStringInfo(&json, "],\"fields\":%s,\"command\":",
					 fields[0] != '\0' ? neon_fields_text(fields) : "[]");
	escape_json(&json, neon_remote_command(reader));
	if (neon_remote_rowcount(reader) >= 0)
		appendStringInfo(&json, ",\"rowCount\":" INT64_FORMAT "}",
						 neon_remote_rowcount(reader));
	else
		appendStringInfoString(&json, ",\"rowCount\":null}");
	return json.data;
}

static void
hand_out(FunctionCallInfo fcinfo, List *results)
{
	ListCell   *lc;

	foreach(lc, results)
	{
		NeonResultRow row = {0};
		Datum		json;

		json = DirectFunctionCall1(jsonb_in, CStringGetDatum(lfirst(lc)));
		pfree(lfirst(lc));
		neon_result_add(&row, json);
		neon_result_put(fcinfo, &row);
		pfree(DatumGetPointer(json));
	}
}

Datum
neon_http_batch(PG_FUNCTION_ARGS)
{
	static const int no_errors[] = {0};
	const char *headers[4];
	NeonBatch	batch = {0};
	NeonStats  *stats;
	UserMapping *user;
	NeonConnection *connection;
	NeonReader *reader;
	ErrorContextCallback committed = {error_context_stack};
	List	   *results = NIL;
	MemoryContext context;
	MemoryContext old;

	if (!get_flag(fcinfo, READ_ONLY))
		PreventCommandIfReadOnly("neon_http_batch()");
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	context = AllocSetContextCreate(CurrentMemoryContext, "neon batch",
									ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	user = neon_user_sql_mapping(fcinfo, SERVER);
	make_headers(fcinfo, headers);
	make_queries(fcinfo, &batch);
	if (neon_transaction_has_writes(user, InvalidCommandId))
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("cannot run a batch after this transaction has written to the same server"),
				 errhint("Commit the transaction first.")));
	batch.kind = get_flag(fcinfo, READ_ONLY) ?
		NEON_BATCH_READ : NEON_BATCH_COMMIT;
	batch.headers = headers;
	stats = palloc0(sizeof(NeonStats));
	connection = neon_connection_get(user);
	reader = neon_remote_run(connection, &batch, stats);

	/* the connection is there as long as the reader */
	(void) neon_remote_expect(reader, no_errors);
	if (batch.kind == NEON_BATCH_COMMIT)
		neon_committed_push(&committed, connection);
	while (neon_remote_next_result(reader))
		results = lappend(results, read_result(reader));
	hand_out(fcinfo, results);
	error_context_stack = committed.previous;
	neon_remote_close(reader);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return (Datum) 0;
}
