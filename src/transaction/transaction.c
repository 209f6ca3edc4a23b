/*-------------------------------------------------------------------------
 *
 * transaction/transaction.c
 *		What a local transaction has written, and its commit.
 *
 * Everything here lives as long as the local transaction, in a context of
 * its own.  Which writes a read sees, and which a subtransaction takes with
 * it, follows PostgreSQL's own rules: by command counter and nesting level.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "tcop/pquery.h"
#include "utils/memutils.h"

#include "compat/compat.h"
#include "remote/error.h"
#include "transaction/client.h"
#include "transaction/commit.h"
#include "transaction/queue.h"
#include "transaction/transaction.h"

/* What waits for one user mapping. */
typedef struct WriteQueue
{
	Oid			umid;
	Oid			userid;			/* as whom: to find the mapping again */
	Oid			serverid;
	NeonTokenSource source;		/* how that user proves who it is */
	List	   *writes;
} WriteQueue;

/* NULL, or living until the end of the transaction. */
static MemoryContext transaction_context = NULL;
static List *queues = NIL;

/* ---------- the queue ---------- */

static WriteQueue *
find_queue(UserMapping *user)
{
	ListCell   *lc;

	foreach(lc, queues)
	{
		WriteQueue *queue = lfirst(lc);

		if (queue->umid == user->umid)
			return queue;
	}
	return NULL;
}

static WriteQueue *
make_queue(UserMapping *user)
{
	WriteQueue *queue = find_queue(user);
	NeonTokenSource source;
	MemoryContext old;

	if (queue != NULL)
		return queue;
	source = neon_connection_get(user)->credentials->source;
	if (transaction_context == NULL)
		transaction_context = AllocSetContextCreate(TopTransactionContext,
													"neon transaction",
													ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(transaction_context);
	queue = palloc0(sizeof(WriteQueue));
	queue->umid = user->umid;
	queue->userid = user->userid;
	queue->serverid = user->serverid;
	queue->source = source;
	queues = lappend(queues, queue);
	MemoryContextSwitchTo(old);
	return queue;
}

static NeonQueuedWrite *
make_write(MemoryContext context, const NeonQuery *query, CommandId cid)
{
	NeonQueuedWrite *write = neon_queued_write(context, query, cid);

	write->level = neon_pending_level();
	MemoryContextSetParent(context, transaction_context);
	return write;
}

void
neon_transaction_adopt(UserMapping *user, MemoryContext context,
					   const NeonQuery *query, CommandId cid)
{
	WriteQueue *queue = make_queue(user);
	NeonQueuedWrite *write = make_write(context, query, cid);
	MemoryContext old = MemoryContextSwitchTo(transaction_context);

	queue->writes = lappend(queue->writes, write);
	MemoryContextSwitchTo(old);
}

void
neon_transaction_adopt_check(UserMapping *user, MemoryContext context,
							 const NeonQuery *query, CommandId cid,
							 int level, bool idle)
{
	WriteQueue *queue = make_queue(user);
	NeonQueuedWrite *write = make_write(context, query, cid);
	MemoryContext old = MemoryContextSwitchTo(transaction_context);

	write->level = level;
	write->idle = idle;
	queue->writes = lcons(write, queue->writes);
	MemoryContextSwitchTo(old);
}

void
neon_transaction_queue(UserMapping *user, const NeonQuery *query,
					   CommandId cid)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "neon write",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	NeonQuery	copy;

	neon_query_copy(&copy, query);
	MemoryContextSwitchTo(old);
	neon_transaction_adopt(user, context, &copy, cid);
}

/*
 * Forgets what was written at this nesting level, or deeper.  Something that
 * a statement above has gathered may stand behind it.
 */
static void
cut_queues(int level)
{
	ListCell   *lc;
	ListCell   *lc2;

	foreach(lc, queues)
	{
		WriteQueue *queue = lfirst(lc);

		foreach(lc2, queue->writes)
		{
			NeonQueuedWrite *write = lfirst(lc2);

			if (write->level < level)
				continue;
			queue->writes = foreach_delete_current(queue->writes, lc2);
			MemoryContextDelete(write->context);
		}
	}
}

/* Hands what was written at this nesting level to the one above. */
static void
lift_queues(int level)
{
	ListCell   *lc;
	ListCell   *lc2;

	foreach(lc, queues)
	{
		foreach(lc2, ((WriteQueue *) lfirst(lc))->writes)
		{
			NeonQueuedWrite *write = lfirst(lc2);

			write->level = Min(write->level, level - 1);
		}
	}
}

static bool
has_writes(void)
{
	ListCell   *lc;

	foreach(lc, queues)
	{
		if (((WriteQueue *) lfirst(lc))->writes != NIL)
			return true;
	}
	return neon_pending_exists();
}

/* ---------- rehearsals ---------- */

/*
 * Rolls a transaction back that does nothing, to see later whether it really
 * was.
 */
static void
probe_rollback(NeonConnection *connection, NeonStats *stats)
{
	NeonQuery	query = {.sql = "SELECT pg_current_xact_id()",.ncolumns = 1};
	NeonBatch	batch = {NEON_BATCH_REHEARSAL, NULL, 0, &query, 1};
	NeonReader *reader;
	const NeonRow *row;
	char		xid[sizeof(connection->probe_xid)] = "";

	reader = neon_remote_run(connection, &batch, stats);
	row = neon_remote_next_row(reader);
	if (row != NULL && row->values[0] != NULL)
		strlcpy(xid, row->values[0], sizeof(xid));
	(void) neon_remote_next_row(reader);

	/* known only now: its own reply proves nothing, the test of it does */
	neon_connection_probed(connection, xid);
	neon_remote_close(reader);
}

/* Fails, before anything is written, if the endpoint does not roll back. */
static void
test_rollback(NeonQuery *query, const NeonConnection *connection)
{
	memset(query, 0, sizeof(NeonQuery));
	query->sql = "SELECT (CASE pg_xact_status($1::xid8) WHEN 'committed' THEN '"
		NEON_TEST_PREFIX "the endpoint does not honour ROLLBACK"
		"' ELSE '0' END)::int";
	query->nparams = 1;
	query->params = neon_one_param(pstrdup(connection->probe_xid));
	query->ncolumns = 1;
}

static int
count_writes(WriteQueue *queue, CommandId cid)
{
	int			n = 0;
	ListCell   *lc;

	if (queue == NULL)
		return 0;
	foreach(lc, queue->writes)
		n += ((NeonQueuedWrite *) lfirst(lc))->cid < cid;
	return n;
}

/* Sends statements behind all that waits, as of command cid. */
static NeonReader *
rehearse(UserMapping *user, CommandId cid, const NeonQuery *queries,
		 int nqueries, NeonStats *stats)
{
	NeonConnection *connection = neon_connection_get(user);
	WriteQueue *queue = find_queue(user);
	List	   *writes = queue != NULL ? queue->writes : NIL;
	NeonQuery  *before = palloc((neon_queue_bound(writes) + 1) *
								sizeof(NeonQuery));
	NeonBatch	batch = {NEON_BATCH_REHEARSAL, before, 0, queries, nqueries};

	if (!connection->rolls_back)
	{
		if (connection->probe_xid[0] == '\0')
		{
			probe_rollback(connection, stats);
			connection = neon_connection_get(user);
		}
		test_rollback(&before[batch.nbefore++], connection);
	}
	batch.nbefore += neon_queue_statements(before + batch.nbefore, writes, cid);
	return neon_remote_run(connection, &batch, stats);
}

NeonReader *
neon_transaction_rehearse(UserMapping *user, const NeonQuery *queries,
						  int nqueries, NeonStats *stats)
{
	neon_pending_flush(InvalidCommandId);
	return rehearse(user, InvalidCommandId, queries, nqueries, stats);
}

bool
neon_transaction_has_writes(UserMapping *user, CommandId cid)
{
	neon_pending_flush(cid);
	return count_writes(find_queue(user), cid) > 0;
}

NeonReader *
neon_transaction_read(UserMapping *user, CommandId cid,
					  const NeonQuery *queries, int nqueries,
					  NeonStats *stats)
{
	if (neon_transaction_has_writes(user, cid))
		return rehearse(user, cid, queries, nqueries, stats);
	return neon_remote_read(neon_connection_get(user), queries, nqueries,
							stats);
}

/* ---------- commits ---------- */

NeonReader *
neon_transaction_run(UserMapping *user, const NeonQuery *queries,
					 int nqueries, NeonStats *stats)
{
	NeonBatch	batch = {NEON_BATCH_COMMIT, NULL, 0, queries, nqueries};

	return neon_remote_run(neon_connection_get(user), &batch, stats);
}

bool
neon_transaction_autocommit(UserMapping *user)
{
	return neon_connection_get(user)->options->autocommit;
}

/*
 * Is this the statement that the client sent, and a transaction of its own?
 * In the extended protocol more may follow before Sync.
 */
static bool
stands_alone(EState *estate)
{
	return !IsTransactionBlock() && !IsSubTransaction() &&
		neon_client_statement(estate) &&
		(neon_client_is_simple() || neon_client_next() == NEON_CLIENT_SYNC);
}

/* Is what the statement locks to be checked together with what it writes? */
static bool
locks_and_writes(PlannedStmt *stmt)
{
	ListCell   *lc;

	if (stmt->commandType == CMD_SELECT && !stmt->hasModifyingCTE)
		return false;
	foreach(lc, stmt->rowMarks)
	{
		if (lfirst_node(PlanRowMark, lc)->strength != LCS_NONE)
			return true;
	}
	return false;
}

bool
neon_transaction_commits_now(UserMapping *user, EState *estate)
{
	NeonConnection *connection = neon_connection_get(user);

	if (connection->options->autocommit)
		return true;
	if (locks_and_writes(estate->es_plannedstmt))
		return false;

	/*
	 * With a ledger a lost commit is looked up, but what it returned is not
	 * in there.  What a function in the statement has written here may still
	 * fail, at the end.
	 */
	return connection->options->commit_ledger == NULL &&
		stands_alone(estate) &&
		!TransactionIdIsValid(GetTopTransactionIdIfAny()) && !has_writes();
}

bool
neon_transaction_wants_rehearsal(EState *estate)
{
	return !stands_alone(estate);
}

bool
neon_transaction_is_utility(NodeTag kind)
{
	Node	   *utility;

	if (IsTransactionBlock() || IsSubTransaction() || ActivePortal == NULL ||
		list_length(ActivePortal->stmts) != 1)
		return false;
	utility = linitial_node(PlannedStmt, ActivePortal->stmts)->utilityStmt;
	return utility != NULL && nodeTag(utility) == kind;
}

/* Is anything written, here or there, that what was checked matters to? */
static bool
is_worth_committing(void)
{
	ListCell   *lc;
	ListCell   *lc2;

	if (TransactionIdIsValid(GetTopTransactionIdIfAny()))
		return true;
	foreach(lc, queues)
	{
		foreach(lc2, ((WriteQueue *) lfirst(lc))->writes)
		{
			if (!((NeonQueuedWrite *) lfirst(lc2))->idle)
				return true;
		}
	}
	return false;
}

/* Fails if what waits would be written as somebody else than rehearsed. */
static UserMapping *
mapping_of(WriteQueue *queue)
{
	UserMapping *user = GetUserMapping(queue->userid, queue->serverid);

	if (user->umid != queue->umid)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the user mapping that this transaction has written with does not exist any more")));
	if (neon_connection_get(user)->credentials->source != queue->source)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("this transaction has written with a token, or without one, and now it is the other way round"),
				 errhint("Change neon_http_fdw.auth_token, and the role, between transactions.")));
	return user;
}

static void
commit_queues(void)
{
	ListCell   *lc;

	neon_pending_flush(InvalidCommandId);
	if (!is_worth_committing())
		return;
	foreach(lc, queues)
	{
		WriteQueue *queue = lfirst(lc);
		NeonQuery  *queries;
		int			n;

		if (queue->writes == NIL)
			continue;
		queries = palloc(neon_queue_bound(queue->writes) * sizeof(NeonQuery));
		n = neon_queue_statements(queries, queue->writes, InvalidCommandId);
		neon_commit(mapping_of(queue), queries, n);
		pfree(queries);
	}
}

/* ---------- the end of transactions ---------- */

static void
end_transaction(XactEvent event, void *arg)
{
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
			commit_queues();
			break;
		case XACT_EVENT_PRE_PREPARE:
			if (has_writes())
				ereport(ERROR,
						(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						 errmsg("cannot PREPARE a transaction that has written to neon_http_fdw foreign tables, or locked rows of them"),
						 errhint("Use COMMIT.")));
			break;
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_PREPARE:
		case XACT_EVENT_ABORT:
			/* their memory goes with the transaction's */
			transaction_context = NULL;
			queues = NIL;
			neon_pending_forget();
			break;
		default:
			break;
	}
}

static void
end_subtransaction(SubXactEvent event, SubTransactionId id,
				   SubTransactionId parent, void *arg)
{
	int			level = GetCurrentTransactionNestLevel();

	if (event != SUBXACT_EVENT_COMMIT_SUB &&
		event != SUBXACT_EVENT_ABORT_SUB)
		return;
	neon_pending_end_level(level, event == SUBXACT_EVENT_COMMIT_SUB);
	if (event == SUBXACT_EVENT_ABORT_SUB)
		cut_queues(level);
	else
		lift_queues(level);
}

void
neon_transaction_init(void)
{
	RegisterXactCallback(end_transaction, NULL);
	RegisterSubXactCallback(end_subtransaction, NULL);
}
