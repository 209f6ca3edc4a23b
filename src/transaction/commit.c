/*-------------------------------------------------------------------------
 *
 * transaction/commit.c
 *		Commit queues of writes on their remotes.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "compat/compat.h"
#include "transaction/commit.h"
#include "transaction/committed.h"
#include "transaction/end_check.h"
#include "transaction/ledger.h"
#include "transaction/rollback_proof.h"
#include "transaction/script.h"

/* How often a commit is tried that certainly did not happen. */
#define MAX_COMMITS	3

/* The ledger may be what is missing: the option does not create it. */
static void
add_ledger_hint(void *arg)
{
	if (*(const char **) arg != NULL &&
		(geterrcode() == ERRCODE_UNDEFINED_TABLE ||
		 geterrcode() == ERRCODE_INVALID_SCHEMA_NAME))
		errhint("If the commit ledger is missing, create it with neon_http_ledger_create().");
}

/* What a queue is committed as, or rehearsed as. */
typedef struct Commit
{
	NeonConnection *connection;
	NeonBatch	batch;			/* its kind, and what runs before */
	NeonQuery	before[2];
	NeonQuery  *script;
	int			nscript;
	List	   *facts;			/* that it relies on, about the remote's
								 * tables */
	NeonStats	stats;
} Commit;

static void check_each_fact(void *arg, NeonBatch *batch);

/*
 * The statements of a queue.  One proves that the remote's catalog is what it
 * was when the facts were asked for.  If it is not, each is checked.
 */
static void
add_script(Commit *commit, bool proved)
{
	static const NeonQuery constraints = {.sql = "SET CONSTRAINTS ALL IMMEDIATE"};
	NeonQuery  *queries = palloc_array(NeonQuery, commit->nscript +
									   list_length(commit->facts) + 1);
	int			n = commit->nscript;
	ListCell   *lc;

	memcpy(queries, commit->script, n * sizeof(NeonQuery));
	if (proved && commit->facts != NIL)
		neon_facts_proof(&queries[n++], commit->facts);
	foreach(lc, proved ? NIL : commit->facts)
		neon_fact_check(&queries[n++], lfirst(lc));
	if (commit->batch.kind == NEON_BATCH_REHEARSAL)
		queries[n++] = constraints;
	commit->batch.queries = queries;
	commit->batch.nqueries = n;
	commit->batch.instead = proved && commit->facts != NIL ?
		check_each_fact : NULL;
	commit->batch.instead_arg = commit;
}

/* A NeonInstead, of a Commit. */
static void
check_each_fact(void *arg, NeonBatch *batch)
{
	Commit	   *commit = arg;

	neon_facts_unproved();
	add_script(commit, false);
	*batch = commit->batch;
}

/* Prepares what will be sent as often as it takes. */
static void
begin_commit(Commit *commit, NeonQueue *queue, NeonBatchKind kind)
{
	memset(commit, 0, sizeof(Commit));
	neon_queue_renew(queue);
	commit->connection = queue->connection;
	commit->batch.kind = kind;
	commit->batch.before = commit->before;
	commit->facts = queue->relies ? neon_queue_facts(queue) : NIL;
	commit->script = palloc_array(NeonQuery,
								  neon_script_bound(queue, queue->writes,
													NEON_VERIFY_ALL));
	commit->nscript = neon_script(queue, queue->writes, true,
								  InvalidCommandId, NEON_VERIFY_ALL,
								  commit->script, &commit->stats);
}

/* Sends the statements, with a token for the ledger if there is one. */
static void
run_commit(Commit *commit, const char *token)
{
	NeonReader *reader;
	ErrorContextCallback context = {
		error_context_stack, add_ledger_hint, &token
	};

	error_context_stack = &context;
	if (token != NULL)
	{
		neon_ledger_query(&commit->before[0],
						  commit->connection->options->commit_ledger, token);
		commit->batch.nbefore = 1;
	}
	add_script(commit, true);
	reader = neon_remote_run(commit->connection, &commit->batch,
							 &commit->stats);
	(void) neon_remote_finish(reader);
	error_context_stack = context.previous;
}

/*
 * Asks the ledger.  If that fails, the error of the commit is thrown again,
 * so that catching the other one needs no subtransaction.
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
 * Tries to commit once, and returns true if it was committed.  Returns false
 * if the reply was lost, and the ledger says that it was not.  Catching the
 * error needs no subtransaction: it was thrown while this backend waited for
 * the remote.  Interrupts that were held off before stay so.
 */
static bool
try_commit(Commit *commit)
{
	MemoryContext context = CurrentMemoryContext;
	MemoryContext attempt = AllocSetContextCreate(context, "neon commit",
												  ALLOCSET_SMALL_SIZES);
	uint32		holdoff = InterruptHoldoffCount;
	ErrorData  *volatile lost = NULL;
	char		token[NEON_LEDGER_TOKEN_SIZE];

	neon_ledger_token(token);
	PG_TRY();
	{
		MemoryContextSwitchTo(attempt);
		run_commit(commit, token);
	}
	PG_CATCH();
	{
		if (geterrcode() != ERRCODE_TRANSACTION_RESOLUTION_UNKNOWN)
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		lost = CopyErrorData();
		FlushErrorState();
		InterruptHoldoffCount = holdoff;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);

	/* deleting the context ends the request if it is still under way */
	MemoryContextDelete(attempt);
	return lost == NULL ||
		look_up(commit->connection, token, lost, &commit->stats);
}

static void
commit_with_ledger(Commit *commit)
{
	int			tries = 0;

	while (!try_commit(commit))
	{
		/* whoever wanted the commit to end does not want another one */
		if (commit->stats.interrupts > 0)
			ereport(ERROR,
					(errcode(ERRCODE_QUERY_CANCELED),
					 errmsg("canceling commit on the remote server"),
					 errdetail("The commit ledger says that the transaction was not committed.")));
		if (++tries == MAX_COMMITS)
			ereport(ERROR,
					(errcode(ERRCODE_CONNECTION_FAILURE),
					 errmsg_plural("transaction was not committed on the remote server: the reply of %d attempt was lost",
								   "transaction was not committed on the remote server: the replies of %d attempts were lost",
								   tries, tries)));
	}
}

/*
 * Does a queue hold only checks and locks?  Then the outcome of a lost commit
 * is no question.
 */
static bool
only_checks(const NeonQueue *queue)
{
	ListCell   *lc;

	foreach(lc, queue->writes)
	{
		if (!((NeonQueuedWrite *) lfirst(lc))->check)
			return false;
	}
	return true;
}

/* The kind of a batch that only checks. */
static NeonBatchKind
check_kind(const NeonQueue *queue)
{
	return queue->writes == NIL && !neon_reads_see_undone(&queue->reads) ?
		NEON_BATCH_READ : NEON_BATCH_REPEATABLE;
}

static void
commit_queue(NeonQueue *queue)
{
	Commit		commit;
	bool		checks = only_checks(queue);

	begin_commit(&commit, queue,
				 checks ? check_kind(queue) : NEON_BATCH_COMMIT);
	if (!checks && commit.connection->options->commit_ledger != NULL)
		commit_with_ledger(&commit);
	else
		run_commit(&commit, NULL);
	pfree(commit.script);
}

/* ---------- several queues ---------- */

/* What a queue is to commit behind others, on its way to be tried. */
typedef struct Rehearsal
{
	Commit		commit;
	bool		depends;		/* an earlier queue is committed in the same
								 * place, and may make work what does not */
	NeonReader *reader;
	char		token[NEON_LEDGER_TOKEN_SIZE];
} Rehearsal;

/*
 * Sends what a queue commits, with its constraints and deferred triggers, to
 * be rolled back.
 */
static void
start_rehearsal(Rehearsal *rehearsal, NeonQueue *queue)
{
	Commit	   *commit = &rehearsal->commit;
	NeonBatch  *batch = &commit->batch;
	NeonConnection *connection;

	begin_commit(commit, queue, NEON_BATCH_REHEARSAL);
	connection = commit->connection;
	batch->nbefore = neon_rollback_proof(connection, &commit->before[0],
										 &commit->stats);
	if (connection->options->commit_ledger != NULL)
	{
		neon_ledger_token(rehearsal->token);
		neon_ledger_query(&commit->before[batch->nbefore++],
						  connection->options->commit_ledger,
						  rehearsal->token);
	}
	add_script(commit, true);
	rehearsal->reader = neon_remote_run(connection, batch, &commit->stats);
}

/*
 * Waits for the outcome, and throws what the commit would have failed with.
 */
static void
finish_rehearsal(Rehearsal *rehearsal)
{
	const NeonConnection *connection = rehearsal->commit.connection;
	const char *token = connection->options->commit_ledger != NULL ?
		rehearsal->token : NULL;
	ErrorContextCallback context = {
		error_context_stack, add_ledger_hint, &token
	};

	error_context_stack = &context;
	if (!rehearsal->depends || neon_remote_works(rehearsal->reader))
		(void) neon_remote_finish(rehearsal->reader);
	error_context_stack = context.previous;
}

/* Does one of the queues before number n lead to the same place? */
static bool
has_same_place(List *queues, int n)
{
	const NeonQueue *queue = list_nth(queues, n);

	for (int i = 0; i < n; i++)
	{
		const NeonQueue *before = list_nth(queues, i);

		if (neon_connection_same_place(before->connection, queue->connection))
			return true;
	}
	return false;
}

/*
 * Tries all queues but the first, which tries itself, before anything is
 * committed: all at once, each on its server.
 */
static void
rehearse_behind_first(List *queues)
{
	MemoryContext context;
	MemoryContext old;
	Rehearsal  *rehearsals;
	int			n = list_length(queues);

	if (n < 2)
		return;
	context = AllocSetContextCreate(CurrentMemoryContext, "neon rehearsals",
									ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(context);
	rehearsals = palloc0_array(Rehearsal, n);
	for (int i = 1; i < n; i++)
	{
		rehearsals[i].depends = has_same_place(queues, i);
		start_rehearsal(&rehearsals[i], list_nth(queues, i));
	}
	for (int i = 1; i < n; i++)
		finish_rehearsal(&rehearsals[i]);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

/*
 * One queue has failed, others are committed.  Whatever the reason, to repeat
 * the transaction would write to the others twice.
 */
pg_noreturn static void
fail_in_part(const char *committed, const NeonQueue *failed,
			 const ErrorData *error)
{
	const char *name = neon_committed_name(failed->connection);
	bool		unknown =
		error->sqlerrcode == ERRCODE_TRANSACTION_RESOLUTION_UNKNOWN;

	ereport(ERROR,
			(errcode(NEON_ERRCODE_COMMITTED),
			 unknown ?
			 errmsg("transaction is committed on %s, and it is unknown whether it is on %s",
					committed, name) :
			 errmsg("transaction is committed on %s, but not on %s",
					committed, name),
			 error->detail != NULL ?
			 errdetail("%s: %s (%s)", unpack_sql_state(error->sqlerrcode),
					   error->message, error->detail) :
			 errdetail("%s: %s", unpack_sql_state(error->sqlerrcode),
					   error->message),
			 errhint("Do not repeat the transaction. Write to %s what is missing, or undo what is written to %s.",
					 name, committed)));
}

/*
 * Commits a queue behind others.  Catching the error needs no subtransaction,
 * for another one is thrown.
 */
static void
commit_next(NeonQueue *queue, const char *committed)
{
	MemoryContext context = CurrentMemoryContext;

	PG_TRY();
	{
		commit_queue(queue);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		fail_in_part(committed, queue, error);
	}
	PG_END_TRY();
}

/*
 * Puts queues that only check in one list, those that write in another.
 */
static void
sort_queues(List *queues, List **checks, List **writes)
{
	ListCell   *lc;

	*checks = *writes = NIL;
	foreach(lc, queues)
	{
		NeonQueue  *queue = lfirst(lc);

		if (queue->writes == NIL && !neon_queue_wants_check(queue))
			continue;
		if (only_checks(queue))
			*checks = lappend(*checks, queue);
		else
			*writes = lappend(*writes, queue);
	}
}

/*
 * Whatever fails before the first queue is committed fails while nothing has
 * been written.
 */
void
neon_commit(List *queues)
{
	List	   *checks;
	List	   *writes;
	char	   *committed = NULL;
	ListCell   *lc;

	sort_queues(queues, &checks, &writes);
	rehearse_behind_first(writes);
	foreach(lc, checks)
		commit_queue(lfirst(lc));
	foreach(lc, writes)
	{
		NeonQueue  *queue = lfirst(lc);
		char	   *name;

		if (committed == NULL)
			commit_queue(queue);
		else
			commit_next(queue, committed);
		name = neon_committed_name(queue->connection);
		committed = committed == NULL ? name :
			psprintf("%s, %s", committed, name);
	}
	foreach(lc, writes)
		neon_committed(((NeonQueue *) lfirst(lc))->connection);
}
