/*-------------------------------------------------------------------------
 *
 * transaction/commit.c
 *		Commit a queue of writes on the remote.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "compat/compat.h"
#include "transaction/commit.h"
#include "transaction/ledger.h"

/* How often a commit that certainly did not happen is tried again. */
#define MAX_COMMITS	3

/* Sends the statements, with a token for the ledger if there is one. */
static void
run_commit(NeonConnection *connection, const NeonQuery *queries, int nqueries,
		   const char *token, NeonStats *stats)
{
	NeonQuery	ledger;
	NeonBatch	batch = {NEON_BATCH_COMMIT, &ledger, 0, queries, nqueries};
	NeonReader *reader;

	if (token != NULL)
	{
		neon_ledger_query(&ledger, connection->options->commit_ledger, token);
		batch.nbefore = 1;
	}
	reader = neon_remote_run(connection, &batch, stats);
	while (neon_remote_next_result(reader))
		;
	neon_remote_close(reader);
}

/*
 * Asks the ledger.  If that fails, the error of the commit is the one to be
 * shown.
 */
static bool
look_up(NeonConnection *connection, const char *token, ErrorData *lost,
		NeonStats *stats)
{
	volatile bool committed = false;

	PG_TRY();
	{
		committed = neon_ledger_is_committed(connection, token, stats);
	}
	PG_CATCH();
	{
		FlushErrorState();
		ReThrowError(lost);
	}
	PG_END_TRY();
	return committed;
}

/*
 * True if it was committed.  False if the reply was lost, and the ledger
 * says that it was not.
 */
static bool
try_commit(NeonConnection *connection, const NeonQuery *queries,
		   int nqueries, NeonStats *stats)
{
	MemoryContext context = CurrentMemoryContext;
	MemoryContext attempt = AllocSetContextCreate(context, "neon commit",
												  ALLOCSET_SMALL_SIZES);
	ErrorData  *volatile lost = NULL;
	char		token[NEON_LEDGER_TOKEN_SIZE];

	neon_ledger_token(token);
	PG_TRY();
	{
		MemoryContextSwitchTo(attempt);
		run_commit(connection, queries, nqueries, token, stats);
	}
	PG_CATCH();
	{
		if (geterrcode() != ERRCODE_TRANSACTION_RESOLUTION_UNKNOWN)
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		lost = CopyErrorData();
		FlushErrorState();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);

	/* what is still under way ends, and need not be waited for */
	MemoryContextDelete(attempt);
	return lost == NULL || look_up(connection, token, lost, stats);
}

static void
commit_with_ledger(NeonConnection *connection, const NeonQuery *queries,
				   int nqueries)
{
	NeonStats	stats = {0};
	int			tries = 0;

	while (!try_commit(connection, queries, nqueries, &stats))
	{
		/* whoever wanted the commit to end does not want another one */
		if (stats.interrupts > 0)
			ereport(ERROR,
					(errcode(ERRCODE_QUERY_CANCELED),
					 errmsg("canceling commit on the remote server"),
					 errdetail("The commit ledger says that the transaction was not committed.")));
		if (++tries == MAX_COMMITS)
			ereport(ERROR,
					(errcode(ERRCODE_CONNECTION_FAILURE),
					 errmsg("transaction was not committed on the remote server: the replies of %d attempts were lost",
							tries)));
	}
}

void
neon_commit(NeonQueue *queue)
{
	NeonConnection *connection;
	NeonQuery  *queries;
	NeonStats	stats = {0};
	int			n;

	neon_queue_renew(queue);
	connection = queue->connection;
	queries = palloc(neon_queued_writes_bound(queue->writes) *
					 sizeof(NeonQuery));
	n = neon_queued_writes_sql(queries, queue->writes, InvalidCommandId);
	if (connection->options->commit_ledger != NULL)
		commit_with_ledger(connection, queries, n);
	else
		run_commit(connection, queries, n, NULL, &stats);
	pfree(queries);
}
