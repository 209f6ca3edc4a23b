/*-------------------------------------------------------------------------
 *
 * transaction/transaction.c
 *		What a local transaction has written, and its commit.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "commands/tablecmds.h"
#include "miscadmin.h"
#include "storage/predicate.h"
#include "storage/proc.h"
#include "utils/memutils.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "compat/compat.h"
#include "http/wait.h"
#include "transaction/alone.h"
#include "transaction/behind.h"
#include "transaction/commit.h"
#include "transaction/committed.h"
#include "transaction/end_check.h"
#include "transaction/queue.h"
#include "transaction/transaction.h"
#include "transaction/write_settings.h"

static bool is_committing = false;

NeonConnection *
neon_transaction_connection(UserMapping *user)
{
	return neon_queue_get(user)->connection;
}

bool
neon_transaction_autocommit(UserMapping *user)
{
	return neon_transaction_connection(user)->options->autocommit;
}

/* ---------- writes that wait ---------- */

void
neon_transaction_adopt(UserMapping *user, MemoryContext context,
					   const NeonQuery *query, CommandId cid,
					   const NeonTouch *touch)
{
	neon_queue_append(neon_queue_get(user),
					  neon_queued_write(context, query, cid, touch));
}

void
neon_transaction_adopt_check(UserMapping *user, MemoryContext context,
							 const NeonQuery *query, CommandId cid,
							 int level, bool idle)
{
	NeonQueuedWrite *write = neon_queued_write(context, query, cid, NULL);

	write->check = true;
	write->idle = idle;
	neon_queue_prepend(neon_queue_get(user), write, level);
}

void
neon_transaction_queue(UserMapping *user, const NeonQuery *query,
					   CommandId cid, const NeonTouch *touch)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "neon write",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	NeonQuery	copy;

	neon_query_copy(&copy, query);
	MemoryContextSwitchTo(old);
	neon_queue_append(neon_queue_get(user),
					  neon_queued_write(context, &copy, cid, touch));
}

static bool
has_writes(void)
{
	return neon_queues_hold_writes() || neon_pending_exists();
}

/*
 * Has the transaction done nothing yet that others could see, or that its end
 * has to do with?  What it has written here may have triggers that wait for the
 * commit, which may fail, or read.
 */
static bool
is_fresh(void)
{
	return !TransactionIdIsValid(GetTopTransactionIdIfAny()) &&
		!has_writes() && !neon_queues_hold_reads();
}

/* ---------- rehearsals ---------- */

/* Do any of the statements read what must be the same later on? */
static bool
any_reads(const NeonQuery *queries, int nqueries)
{
	for (int i = 0; i < nqueries; i++)
	{
		if (queries[i].reads != NULL)
			return true;
	}
	return false;
}

static int
reads_of(const NeonQuery *queries, int nqueries, NeonQuery *reads)
{
	int			nreads = 0;

	for (int i = 0; i < nqueries; i++)
	{
		if (queries[i].reads != NULL)
			reads[nreads++] = queries[i];
	}
	return nreads;
}

/* Sends statements behind writes, all of the queue's or some of them. */
static NeonReader *
rehearse(NeonQueue *queue, List *writes, bool all, const NeonQuery *before,
		 const NeonQuery *queries, int nqueries, NeonStats *stats)
{
	NeonQuery  *reads = palloc_array(NeonQuery, nqueries);
	NeonBehind	behind = {
		.kind = NEON_BATCH_REHEARSAL,.writes = writes,.all = all,
		.cid = InvalidCommandId,.reads = reads,
		.nreads = reads_of(queries, nqueries, reads),
		.before = before,.nbefore = before != NULL,
		.queries = queries,.nqueries = nqueries
	};

	return neon_send_behind(queue, &behind, stats);
}

/*
 * rehearse() that also asks for the facts about the subjects of touches that
 * are not known yet.
 */
static NeonReader *
rehearse_with_facts(NeonQueue *queue, NeonTouch *const *touches, int ntouches,
					const NeonQuery *before, const NeonQuery *queries,
					int nqueries, NeonStats *stats)
{
	NeonQuery  *all = palloc((ntouches + nqueries) * sizeof(NeonQuery));
	NeonReader *reader;
	int			n = 0;

	for (int i = 0; i < ntouches; i++)
	{
		if (touches[i]->fact == NULL)
			neon_fact_query(&all[n++], &touches[i]->subject);
	}
	memcpy(all + n, queries, nqueries * sizeof(NeonQuery));
	reader = rehearse(queue, queue->writes, true, before, all, n + nqueries,
					  stats);
	neon_queue_seen(queue);
	if (touches[0]->expected != NULL &&
		neon_remote_expect(reader, touches[0]->expected) != NULL)
		return reader;
	for (int i = 0; i < ntouches; i++)
	{
		if (touches[i]->fact != NULL)
			continue;
		touches[i]->fact = neon_fact_read(queue->umid, &touches[i]->subject,
										  reader);
		(void) neon_remote_next_result(reader);
	}
	return reader;
}

bool
neon_transaction_knows(UserMapping *user, NeonTouch *touch)
{
	if (touch->fact == NULL)
		touch->fact = neon_fact_find(neon_queue_get(user)->umid,
									 &touch->subject);
	return touch->fact != NULL;
}

/* Do all of these depend on nothing that waits? */
static bool
are_free(NeonQueue *queue, NeonTouch *const *touches, int ntouches)
{
	for (int i = 0; i < ntouches; i++)
	{
		if (neon_queue_ties(queue, touches[i]))
			return false;
	}
	return ntouches > 0 || queue->writes == NIL;
}

NeonReader *
neon_transaction_rehearse_all(UserMapping *user, NeonTouch *const *touches,
							  int ntouches, const NeonQuery *before,
							  const NeonQuery *queries, int nqueries,
							  NeonStats *stats)
{
	bool		known = true;
	bool		all;
	NeonQueue  *queue;
	List	   *writes;

	neon_pending_flush(InvalidCommandId);
	queue = neon_queue_get(user);
	for (int i = 0; i < ntouches; i++)
		known &= neon_transaction_knows(user, touches[i]);
	if (!known)
		return rehearse_with_facts(queue, touches, ntouches, before, queries,
								   nqueries, stats);
	all = any_reads(queries, nqueries) ||
		neon_reads_see_writes(&queue->reads, queue->writes) ||
		!are_free(queue, touches, ntouches);
	writes = all ? queue->writes : neon_queue_unseen_writes(queue);
	neon_queue_seen(queue);
	return rehearse(queue, writes, all, before, queries, nqueries, stats);
}

NeonReader *
neon_transaction_rehearse(UserMapping *user, NeonTouch *touch,
						  const NeonQuery *before, const NeonQuery *queries,
						  int nqueries, NeonStats *stats)
{
	return neon_transaction_rehearse_all(user, &touch, touch != NULL ? 1 : 0,
										 before, queries, nqueries, stats);
}

bool
neon_transaction_has_writes(UserMapping *user, CommandId cid)
{
	neon_pending_flush(cid);
	return neon_queue_count(neon_queue_find(user), cid) > 0;
}

/* ---------- reads ---------- */

/*
 * Sends statements that read behind all writes before command cid.
 */
static NeonReader *
read_behind(NeonQueue *queue, bool writes, CommandId cid,
			const NeonQuery *queries, int nqueries, NeonStats *stats)
{
	NeonBehind	behind = {
		.kind = writes || neon_reads_see_undone(&queue->reads) ?
		NEON_BATCH_REHEARSAL : NEON_BATCH_READ,
		.writes = writes ? queue->writes : NIL,.all = writes,.cid = cid,
		.reads = queries,.nreads = nqueries,
		.queries = queries,.nqueries = nqueries
	};

	return neon_send_behind(queue, &behind, stats);
}

bool
neon_transaction_checks_reads(UserMapping *user)
{
	return neon_reads_are_checked(neon_transaction_connection(user));
}

bool
neon_transaction_reads_once(EState *estate)
{
	return is_fresh() && neon_stands_alone(estate);
}

NeonReader *
neon_transaction_read(UserMapping *user, CommandId cid,
					  const NeonQuery *queries, int nqueries,
					  NeonStats *stats)
{
	bool		behind = neon_transaction_has_writes(user, cid);
	NeonQueue  *queue = neon_queue_get(user);

	if (behind || (neon_reads_are_checked(queue->connection) &&
				   !(nqueries == 1 && queries->alone)))
		return read_behind(queue, behind, cid, queries, nqueries, stats);
	return neon_remote_read(queue->connection, queries, nqueries, stats);
}

bool
neon_transaction_may_keep(UserMapping *user, CommandId cid)
{
	return !neon_transaction_has_writes(user, cid) &&
		!neon_reads_see_undone(&neon_queue_get(user)->reads);
}

NeonReader *
neon_transaction_keep(UserMapping *user, CommandId cid, const NeonQuery *read,
					  const NeonQuery *before, int nbefore,
					  const NeonQuery *queries, int nqueries,
					  NeonStats *stats)
{
	NeonBehind	behind = {
		.kind = NEON_BATCH_REPEATABLE,.cid = cid,.reads = read,.nreads = 1,
		.before = before,.nbefore = nbefore,
		.queries = queries,.nqueries = nqueries
	};

	Assert(neon_transaction_may_keep(user, cid));
	return neon_send_behind(neon_queue_get(user), &behind, stats);
}

/* ---------- commits ---------- */

NeonReader *
neon_transaction_run(UserMapping *user, const NeonQuery *queries,
					 int nqueries, NeonStats *stats)
{
	NeonBatch	batch = {NEON_BATCH_COMMIT, NULL, 0, queries, nqueries};

	neon_pending_flush(InvalidCommandId);
	return neon_remote_run(neon_transaction_connection(user), &batch, stats);
}

/*
 * With a ledger a lost commit is looked up, but the ledger does not tell what
 * the statement returned.  A function within the statement that has written
 * something here may still fail at the end.  So may other parts of a statement
 * that writes in WITH, all of which must be committed or none.
 */
bool
neon_transaction_commits_now(UserMapping *user, EState *estate)
{
	const NeonServerOptions *options =
		neon_transaction_connection(user)->options;

	if (options->autocommit)
		return true;
	return !estate->es_plannedstmt->hasModifyingCTE &&
		!neon_locks_and_writes(estate->es_plannedstmt) &&
		options->commit_ledger == NULL && neon_ends_transaction(estate) &&
		is_fresh();
}

/*
 * The statement's time ends for PostgreSQL before it commits: the timeout of
 * a COMMIT that waits for a remote must be set again.  True if it was.  A
 * background worker has no statement of a client, and no such limit.
 */
static bool
resume_statement_timeout(void)
{
	if (MyBackendType != B_BACKEND || StatementTimeout <= 0 ||
		get_timeout_active(STATEMENT_TIMEOUT))
		return false;
	enable_timeout_at(STATEMENT_TIMEOUT,
					  TimestampTzPlusMilliseconds(GetCurrentStatementStartTimestamp(),
												  StatementTimeout));
	return true;
}

/*
 * Whatever may still fail here must fail before anything is committed there.
 * PostgreSQL calls both functions once more later on: the first one finds
 * nothing left to drop and tables that are empty, the second one that this
 * transaction is the one that others have to give way to.
 */
static void
fail_early(void)
{
	PreCommit_on_commit_actions();
	PreCommit_CheckForSerializationFailure();
}

/*
 * What is committed there must be committed here, too: from now on until the
 * end of the transaction it is too late to cancel it.  An error ends that by
 * itself.
 */
static bool interrupts_held = false;

static void
hold_interrupts(void)
{
	HOLD_INTERRUPTS();
	interrupts_held = true;
}

static void
resume_interrupts(bool commit)
{
	if (interrupts_held && commit)
		RESUME_INTERRUPTS();
	interrupts_held = false;
}

bool
neon_transaction_is_committing(void)
{
	return is_committing;
}

static bool
is_worth_committing(void)
{
	return neon_queues_hold_writes() && neon_queues_are_worth_committing();
}

static void
commit_queues(void)
{
	bool		resumed;

	is_committing = true;
	if (!has_writes() && !neon_queues_want_check())
		return;
	resumed = resume_statement_timeout();
	neon_pending_flush(InvalidCommandId);
	if (is_worth_committing() || neon_queues_want_check())
	{
		fail_early();
		(void) neon_wait_throw_end(true);
		neon_commit(neon_queues());
		hold_interrupts();
	}
	if (resumed)
		disable_timeout(STATEMENT_TIMEOUT, false);
}

/* ---------- the end of transactions ---------- */

/* What was counted here was wrong: the retry must ask. */
static void
learn_from_failure(void)
{
	if (neon_error_told_wrong_count())
		neon_count_remotely();
}

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
			commit_queues();
			break;
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_PREPARE:
		case XACT_EVENT_ABORT:
			is_committing = false;
			(void) neon_wait_throw_end(false);
			neon_queues_end();
			neon_pending_end_level(1, false);
			neon_committed_end();
			resume_interrupts(event == XACT_EVENT_COMMIT);
			learn_from_failure();
			neon_facts_end_transaction(event == XACT_EVENT_ABORT);
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
	bool		commit = event == SUBXACT_EVENT_COMMIT_SUB;

	if (!commit && event != SUBXACT_EVENT_ABORT_SUB)
		return;
	if (!commit)
		learn_from_failure();
	neon_pending_end_level(level, commit);
	neon_queues_end_level(level, commit);
}

void
neon_transaction_init(void)
{
	RegisterXactCallback(end_transaction, NULL);
	RegisterSubXactCallback(end_subtransaction, NULL);
}
