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
#include "functions/versioned_text.h"
#include "remote/guard.h"
#include "transaction/transaction.h"

PG_FUNCTION_INFO_V1(neon_http_exec);

/* Runs the statement and commits it at once, in a transaction or in none. */
static int64
run_now(UserMapping *user, const NeonQuery *query, bool transaction)
{
	NeonStats  *stats = palloc0(sizeof(NeonStats));
	NeonBatch	alone = {NEON_BATCH_ALONE, NULL, 0, query, 1};
	NeonQuery	queries[2];

	if (!transaction)
		return neon_remote_finish(neon_remote_run(neon_connection_get(user), &alone,
												  stats));
	neon_guard_enter(&queries[0], false);
	queries[1] = *query;
	return neon_remote_finish(neon_transaction_run(user, queries, 2, stats));
}

/*
 * SQLSTATEs by which the remote says that it does not take a statement in the
 * form in which its rows could be checked: inside of WITH, if it is on a view
 * with rules or has a WITH of its own that writes; joined to its target, if
 * the rows have no versions or the role must not read them.
 */
static const int not_in_this_form[] = {
	ERRCODE_FEATURE_NOT_SUPPORTED, ERRCODE_UNDEFINED_COLUMN,
	ERRCODE_AMBIGUOUS_COLUMN, ERRCODE_INSUFFICIENT_PRIVILEGE, 0
};

/* Rehearses the statement as it is and returns its row count. */
static int64
rehearse_plainly(UserMapping *user, const NeonQuery *query)
{
	NeonQuery	frame;

	neon_guard_enter(&frame, false);
	return neon_remote_finish(neon_transaction_rehearse(user, NULL, &frame, query, 1,
														palloc0(sizeof(NeonStats))));
}

/*
 * Rehearses the statement inside of WITH, where what is selected counts its
 * rows, and says more of them perhaps.  On success query becomes the statement
 * that is committed, with condition as its check.  False if the remote does
 * not take the statement in that form.
 */
static bool
rehearse_checked(UserMapping *user, NeonQuery *query, const char *sql,
				 const char *selected, const char *condition, int64 *rows)
{
	NeonQuery	counted = *query;
	NeonQuery	frame;
	NeonReader *reader;
	const NeonRow *row;
	const char **params = palloc((query->nparams + 2) * sizeof(char *));

	counted.sql = psprintf("WITH w AS (%s) SELECT count(*), %s FROM w", sql,
						   selected);
	counted.ncolumns = 2;
	counted.shown = query->sql;
	neon_guard_enter(&frame, false);
	reader = neon_transaction_rehearse(user, NULL, &frame, &counted, 1,
									   palloc0(sizeof(NeonStats)));
	if (neon_remote_expect(reader, not_in_this_form) != NULL)
	{
		neon_remote_close(reader);
		return false;
	}
	row = neon_remote_next_row(reader);
	if (row == NULL || row->values[0] == NULL || row->values[1] == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
				 errmsg("invalid reply: a count is missing")));
	memcpy(params, query->params, query->nparams * sizeof(char *));
	params[query->nparams] = pstrdup(row->values[0]);
	params[query->nparams + 1] = pstrdup(row->values[1]);
	*rows = strtoll(params[query->nparams], NULL, 10);
	(void) neon_remote_finish(reader);
	query->shown = query->sql;
	query->sql = neon_check_sql(sql, condition,
								"a statement concerns other rows than before");
	query->params = params;
	query->nparams += 2;
	query->ncolumns = 1;
	return true;
}

/*
 * Rehearses the statement in the first form that the remote takes: with the
 * versions of its rows, only counted, as it is.
 */
static int64
rehearse_best_form(UserMapping *user, NeonQuery *query)
{
	char	   *countable = neon_statement_text_countable(query->sql);
	char	   *versioned = countable != NULL ?
		neon_versioned_text(query->sql) : NULL;
	int64		rows;

	if (versioned != NULL &&
		rehearse_checked(user, query, versioned,
						 "coalesce(array_agg(w." NEON_VERSION_COLUMN "), '{}')::text",
						 neon_check_versions(NEON_VERSION_COLUMN,
											 query->nparams), &rows))
		return rows;
	if (countable != NULL &&
		rehearse_checked(user, query, countable, "''",
						 psprintf("count(*) = $%d::bigint AND $%d::text = ''",
								  query->nparams + 1, query->nparams + 2),
						 &rows))
		return rows;
	return rehearse_plainly(user, query);
}

static int64
rehearse_and_queue(UserMapping *user, const NeonQuery *query)
{
	CommandId	cid = GetCurrentCommandId(true);
	NeonQuery	queued = *query;
	NeonQuery	frame;
	int64		rows = rehearse_best_form(user, &queued);

	neon_guard_enter(&frame, false);
	neon_transaction_queue(user, &frame, cid, NULL);
	neon_transaction_queue(user, &queued, cid, NULL);
	neon_guard_leave(&frame);
	neon_transaction_queue(user, &frame, cid, NULL);
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
