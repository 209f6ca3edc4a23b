/*-------------------------------------------------------------------------
 *
 * functions/user_exec.c
 *		neon_http_exec(): SQL of the user's own, for what it does.
 *
 * The statement joins the local transaction as any write does: it is
 * rehearsed, so that its errors and its row count are known at once, and
 * waits for the commit with a check of that count.  A statement that cannot
 * run in a transaction is sent by itself.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/builtins.h"

#include "deparse/check.h"
#include "functions/statement_text.h"
#include "functions/user_sql.h"
#include "remote/guard.h"
#include "transaction/transaction.h"

PG_FUNCTION_INFO_V1(neon_http_exec);

/*
 * Reads the reply to its end and closes the reader.  Returns the row count of
 * the last result, 0 if its command has none.
 */
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

/* Runs the statement and commits it at once, in a transaction or in none. */
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

/*
 * Rehearses the statement and returns its row count, which a counted one
 * returns as its result.
 */
static int64
rehearse(UserMapping *user, const NeonQuery *query, bool counted)
{
	NeonStats  *stats = palloc0(sizeof(NeonStats));
	NeonQuery	frame;
	NeonReader *reader;
	const NeonRow *row;
	int64		rows = 0;

	neon_guard_enter(&frame, false);
	reader = neon_transaction_rehearse(user, &frame, query, 1, stats);
	if (!counted)
		return finish(reader);
	row = neon_remote_next_row(reader);
	if (row != NULL && row->values[0] != NULL)
		rows = DatumGetInt64(DirectFunctionCall1(int8in,
												 CStringGetDatum(row->values[0])));
	(void) finish(reader);
	return rows;
}

/*
 * Rehearses a statement that fits into WITH as far as its text tells.  False
 * if the remote does not take it in there after all: if it is on a view with
 * rules, or has a WITH of its own that writes.
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
	char	   *countable = neon_statement_text_countable(query->sql);
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

/*
 * Three SQL functions: (server, sql), (server, sql, params) and (server, sql,
 * transaction, params).
 */
Datum
neon_http_exec(PG_FUNCTION_ARGS)
{
	bool		has_transaction = PG_NARGS() == 4;
	bool		transaction = true;
	MemoryContext context;
	MemoryContext old;
	UserMapping *user;
	NeonQuery	query;
	NeonUserSqlHint hint;
	int64		rows;

	PreventCommandIfReadOnly("neon_http_exec()");
	if (has_transaction)
	{
		neon_user_sql_not_null(fcinfo, 2, "transaction");
		transaction = PG_GETARG_BOOL(2);
	}
	context = AllocSetContextCreate(CurrentMemoryContext, "neon exec",
									ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	user = neon_user_sql_mapping(fcinfo, 0);
	neon_user_sql_query(fcinfo, 1, has_transaction ? 3 : 2, &query);
	if (!transaction && neon_transaction_has_writes(user, InvalidCommandId))
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("cannot use \"transaction => false\" after this transaction has written to the same server"),
				 errhint("Commit the transaction first.")));
	neon_user_sql_push_hint(&hint, ERRCODE_ACTIVE_SQL_TRANSACTION,
						"Use neon_http_exec() with transaction => false.");
	if (!transaction || neon_transaction_autocommit(user))
		rows = run_now(user, &query, transaction);
	else
		rows = rehearse_and_queue(user, &query);
	neon_user_sql_pop_hint(&hint);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	PG_RETURN_INT64(rows);
}
