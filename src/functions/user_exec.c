/*-------------------------------------------------------------------------
 *
 * functions/user_exec.c
 *		neon_http_exec(): SQL of the user's own, for what it does.
 *
 * It joins the local transaction as any write does: it is rehearsed, so that
 * its errors and its row count are known at once, and waits for the commit
 * with a check of that count.  What cannot run in a transaction is sent by
 * itself.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "compat/compat.h"
#include "deparse/check.h"
#include "functions/function.h"
#include "functions/user_sql.h"
#include "remote/guard.h"

PG_FUNCTION_INFO_V1(neon_http_exec);

/* ---------- arguments ---------- */

static void
check_argument(FunctionCallInfo fcinfo, int n, const char *name)
{
	if (PG_ARGISNULL(n))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("parameter \"%s\" must not be null", name)));
}

UserMapping *
neon_exec_user(FunctionCallInfo fcinfo, int server)
{
	ForeignServer *found;

	check_argument(fcinfo, server, "server");
	found = neon_function_server(NameStr(*PG_GETARG_NAME(server)));
	return GetUserMapping(GetUserId(), found->serverid);
}

static void
take_params(ArrayType *array, NeonQuery *query)
{
	Datum	   *values;
	bool	   *nulls;
	const char **params;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls,
					  &query->nparams);
	params = palloc((query->nparams + 1) * sizeof(char *));
	for (int i = 0; i < query->nparams; i++)
		params[i] = nulls[i] ? NULL : TextDatumGetCString(values[i]);
	query->params = params;
}

void
neon_exec_arguments(FunctionCallInfo fcinfo, int sql, int params,
					NeonQuery *query)
{
	memset(query, 0, sizeof(NeonQuery));
	check_argument(fcinfo, sql, "sql");
	query->sql = text_to_cstring(PG_GETARG_TEXT_PP(sql));
	query->ncolumns = -1;
	if (params < PG_NARGS() && !PG_ARGISNULL(params))
		take_params(PG_GETARG_ARRAYTYPE_P(params), query);
}

/* ---------- hints ---------- */

static void
add_hint(void *arg)
{
	NeonExecHint *hint = arg;

	if (geterrcode() == hint->sqlstate)
		errhint("%s", hint->hint);
}

void
neon_exec_hint_push(NeonExecHint *hint, int sqlstate, const char *text)
{
	hint->sqlstate = sqlstate;
	hint->hint = text;
	hint->context.callback = add_hint;
	hint->context.arg = hint;
	hint->context.previous = error_context_stack;
	error_context_stack = &hint->context;
}

void
neon_exec_hint_pop(NeonExecHint *hint)
{
	error_context_stack = hint->context.previous;
}

/* ---------- running it ---------- */

/* The last result's row count: 0 if its command has none. */
static int64
finish(NeonReader *reader)
{
	int64		rows;

	while (neon_remote_next_result(reader))
		;
	rows = neon_remote_rowcount(reader);
	neon_remote_close(reader);
	return Max(rows, 0);
}

/* Committed at once, in a transaction of its own or in none. */
static int64
run_now(UserMapping *user, const NeonQuery *query, bool transaction)
{
	NeonStats  *stats = palloc0(sizeof(NeonStats));
	NeonBatch	alone = {NEON_BATCH_ALONE, NULL, 0, query, 1};
	NeonQuery	queries[2];

	if (!transaction)
		return finish(neon_remote_run(neon_connection_get(user), &alone,
									  stats));
	neon_guard_enter(&queries[0], false);
	queries[1] = *query;
	return finish(neon_transaction_run(user, queries, 2, stats));
}

/* Of the rehearsed statement; counted: the row count is what it returns. */
static int64
rehearse(UserMapping *user, const NeonQuery *query, bool counted)
{
	NeonStats  *stats = palloc0(sizeof(NeonStats));
	NeonQuery	queries[2];
	NeonReader *reader;
	const NeonRow *row;
	int64		rows = 0;

	neon_guard_enter(&queries[0], false);
	queries[1] = *query;
	reader = neon_transaction_rehearse(user, queries, 2, stats);
	if (!counted)
		return finish(reader);
	(void) neon_remote_next_result(reader);
	row = neon_remote_next_row(reader);
	if (row != NULL && row->values[0] != NULL)
		rows = DatumGetInt64(DirectFunctionCall1(int8in,
												 CStringGetDatum(row->values[0])));
	(void) finish(reader);
	return rows;
}

/*
 * The same for a statement that fits into WITH.  False if the remote does not
 * take it in there after all: on a view with rules, or with a WITH of its own
 * that writes.
 */
static bool
rehearse_countable(UserMapping *user, const NeonQuery *query,
				   const char *countable, int64 *rows)
{
	MemoryContext context = CurrentMemoryContext;
	NeonQuery	counted = *query;
	volatile bool done = false;

	counted.sql = psprintf("WITH w AS (%s) SELECT count(*) FROM w", countable);
	counted.ncolumns = 1;
	counted.shown = query->sql;
	PG_TRY();
	{
		*rows = rehearse(user, &counted, true);
		done = true;
	}
	PG_CATCH();
	{
		if (geterrcode() != ERRCODE_FEATURE_NOT_SUPPORTED)
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		FlushErrorState();
	}
	PG_END_TRY();
	return done;
}

static int64
rehearse_and_queue(UserMapping *user, const NeonQuery *query)
{
	CommandId	cid = GetCurrentCommandId(true);
	char	   *countable = neon_exec_countable(query->sql);
	NeonQuery	queued = *query;
	NeonQuery	frame;
	int64		rows;

	if (countable != NULL &&
		rehearse_countable(user, query, countable, &rows))
	{
		queued.sql = neon_check_sql(countable,
									psprintf("count(*) = " INT64_FORMAT, rows),
									"a statement concerns another number of rows than before");
		queued.ncolumns = 1;
		queued.shown = query->sql;
	}
	else
		rows = rehearse(user, query, false);

	neon_guard_enter(&frame, false);
	neon_transaction_queue(user, &frame, cid);
	neon_transaction_queue(user, &queued, cid);
	neon_guard_leave(&frame);
	neon_transaction_queue(user, &frame, cid);
	return rows;
}

/* Arguments: server, sql; server, sql, params; server, sql, transaction, params. */
Datum
neon_http_exec(PG_FUNCTION_ARGS)
{
	bool		has_transaction = PG_NARGS() == 4;
	bool		transaction = true;
	MemoryContext context;
	MemoryContext old;
	UserMapping *user;
	NeonQuery	query;
	NeonExecHint hint;
	int64		rows;

	PreventCommandIfReadOnly("neon_http_exec()");
	if (has_transaction)
	{
		check_argument(fcinfo, 2, "transaction");
		transaction = PG_GETARG_BOOL(2);
	}
	context = AllocSetContextCreate(CurrentMemoryContext, "neon exec",
									ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	user = neon_exec_user(fcinfo, 0);
	neon_exec_arguments(fcinfo, 1, has_transaction ? 3 : 2, &query);
	neon_exec_check(query.sql);
	if (!transaction && neon_transaction_has_writes(user, InvalidCommandId))
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("cannot run a statement outside of a transaction that has written to the same server"),
				 errhint("Commit first.")));
	neon_exec_hint_push(&hint, ERRCODE_ACTIVE_SQL_TRANSACTION,
						"Use neon_http_exec() with transaction => false.");
	if (!transaction || neon_transaction_autocommit(user))
		rows = run_now(user, &query, transaction);
	else
		rows = rehearse_and_queue(user, &query);
	neon_exec_hint_pop(&hint);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	PG_RETURN_INT64(rows);
}
