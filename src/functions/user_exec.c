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
#include "functions/fixed_row_text.h"
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

/* What a statement is rehearsed and committed as, inside of WITH. */
typedef struct CheckedForm
{
	const char *sql;			/* returns a row for each row it concerns */
	const char *selected;		/* of these rows: text, besides their number */
	const char *condition;		/* the commit's check of both, which are
								 * parameters */
} CheckedForm;

/* The text that a form selects where one row only can be meant. */
#define FIXED	"fixed"

/* Reads number and text of the rows as the parameters of the commit. */
static void
read_rehearsed(NeonReader *reader, NeonQuery *query)
{
	const char **params = palloc((query->nparams + 2) * sizeof(char *));
	const NeonRow *row = neon_remote_next_row(reader);

	if (row == NULL || row->values[0] == NULL || row->values[1] == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
				 errmsg("invalid reply: a count is missing")));
	memcpy(params, query->params, query->nparams * sizeof(char *));
	params[query->nparams] = pstrdup(row->values[0]);
	params[query->nparams + 1] = pstrdup(row->values[1]);
	(void) neon_remote_finish(reader);
	query->params = params;
	query->nparams += 2;
}

/*
 * Rehearses the statement in the first form, and makes query the statement
 * that is committed.  That has the second form, if there is one, and the text
 * that the first form selected is FIXED.  False if the remote does not take
 * the statement in that form.
 */
static bool
rehearse_checked(UserMapping *user, NeonQuery *query, const CheckedForm *form,
				 const CheckedForm *fixed, int64 *rows)
{
	NeonQuery	counted = *query;
	NeonQuery	frame;
	NeonReader *reader;

	counted.sql = psprintf("WITH w AS (%s) SELECT count(*), %s FROM w",
						   form->sql, form->selected);
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
	read_rehearsed(reader, query);
	*rows = strtoll(query->params[query->nparams - 2], NULL, 10);
	if (fixed != NULL &&
		strcmp(query->params[query->nparams - 1], FIXED) == 0)
		form = fixed;
	query->shown = query->sql;
	query->sql = neon_check_sql(form->sql, form->condition,
								"a statement concerns other rows than before");
	query->ncolumns = 1;
	return true;
}

/* The same with the versions of its rows, unless it can mean no others. */
static bool
rehearse_versioned(UserMapping *user, NeonQuery *query, const char *countable,
				   int64 *rows)
{
	int			n = query->nparams;
	char	   *has_key = IsolationUsesXactSnapshot() ? NULL :
		neon_fixed_row_condition(query->sql);
	CheckedForm fixed = {countable};
	CheckedForm form = {neon_versioned_text(query->sql)};

	if (form.sql == NULL)
		return false;
	form.selected = "coalesce(array_agg(w." NEON_VERSION_COLUMN "), '{}')::text";
	form.condition = neon_check_versions(NEON_VERSION_COLUMN, n);
	if (has_key == NULL)
		return rehearse_checked(user, query, &form, NULL, rows);
	form.selected = psprintf("CASE WHEN %s THEN '" FIXED "' ELSE %s END",
							 has_key, form.selected);
	fixed.condition = psprintf("count(*) = $%d::bigint AND $%d::text = '" FIXED
							   "' AND %s", n + 1, n + 2, has_key);
	return rehearse_checked(user, query, &form, &fixed, rows);
}

/*
 * Rehearses the statement in the first form that the remote takes: with the
 * versions of its rows, only counted, as it is.
 */
static int64
rehearse_best_form(UserMapping *user, NeonQuery *query)
{
	int			n = query->nparams;
	char	   *countable = neon_statement_text_countable(query->sql);
	CheckedForm form = {countable, "''"};
	int64		rows;

	if (countable == NULL)
		return rehearse_plainly(user, query);
	if (rehearse_versioned(user, query, countable, &rows))
		return rows;
	form.condition = psprintf("count(*) = $%d::bigint AND $%d::text = ''",
							  n + 1, n + 2);
	if (rehearse_checked(user, query, &form, NULL, &rows))
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
