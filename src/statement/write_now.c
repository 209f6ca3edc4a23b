/*-------------------------------------------------------------------------
 *
 * statement/write_now.c
 *		A whole statement that writes and is committed at once.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "compat/compat.h"
#include "option/option.h"
#include "statement/write_now.h"
#include "transaction/committed.h"

bool
neon_returned_may_fail(const NeonWritePlan *plan)
{
	int			client = pg_get_client_encoding();

	if (!plan->returns)
		return false;
	return !plan->safe || GetDatabaseEncoding() != PG_UTF8 ||
		(client != PG_UTF8 && client != PG_SQL_ASCII);
}

int64
neon_run_write(const NeonWriteTask *task)
{
	NeonConnection *connection = neon_transaction_connection(task->user);
	bool		returns = task->plan->returns;
	ErrorContextCallback committed;
	NeonQuery	query = task->query;
	NeonReader *reader;
	const NeonRow *row;
	int64		nrows = 0;

	query.sql = task->plan->now;
	query.ncolumns = returns ? Max(list_length(task->plan->columns), 1) : 0;
	reader = neon_transaction_run(task->user, &query, 1, task->stats);
	while ((row = neon_remote_next_row(reader)) != NULL)
	{
		neon_committed_push(&committed, connection);
		task->keep_row(task->arg, row);
		error_context_stack = committed.previous;
		nrows++;
	}
	if (!returns)
		nrows = Max(neon_remote_rowcount(reader), 0);
	neon_remote_close(reader);
	if (!connection->options->autocommit)
		neon_committed(connection);
	return nrows;
}
