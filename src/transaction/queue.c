/*-------------------------------------------------------------------------
 *
 * transaction/queue.c
 *		What a local transaction has written under one user mapping.
 *
 * Which writes a read sees, and which ones a subtransaction takes with it,
 * follows PostgreSQL's own rules: by command counter and nesting level.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/memutils.h"

#include "transaction/pending.h"
#include "transaction/queue.h"

/* NULL, or living until the end of the transaction. */
static MemoryContext queue_context = NULL;
static List *queues = NIL;

List *
neon_queues(void)
{
	return queues;
}

/*
 * Would this user be the same to the endpoint through a connection?  Users who
 * share a mapping for PUBLIC may differ in the token that they send.
 */
static bool
is_same_login(const NeonConnection *connection, const UserMapping *user)
{
	return neon_credentials_current(connection->credentials,
									connection->user, user->userid,
									connection->owner);
}

/*
 * A user stays in the queue that it began with, although its mapping may have
 * been made anew or the session's token may have changed.
 */
NeonQueue *
neon_queue_find(UserMapping *user)
{
	ListCell   *lc;

	foreach(lc, queues)
	{
		NeonQueue  *queue = lfirst(lc);

		if (queue->serverid == user->serverid &&
			queue->userid == user->userid)
			return queue;
	}
	foreach(lc, queues)
	{
		NeonQueue  *queue = lfirst(lc);

		if (queue->umid == user->umid && queue->connection != NULL &&
			is_same_login(queue->connection, user))
			return queue;
	}
	return NULL;
}

static NeonQueue *
make_queue(UserMapping *user)
{
	NeonQueue  *queue;
	MemoryContext old;

	if (queue_context == NULL)
		queue_context = AllocSetContextCreate(TopTransactionContext,
											  "neon transaction",
											  ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(queue_context);
	queue = palloc0(sizeof(NeonQueue));
	queue->context = queue_context;
	queue->serverid = user->serverid;
	queue->userid = user->userid;
	queue->umid = user->umid;
	queues = lappend(queues, queue);
	MemoryContextSwitchTo(old);
	return queue;
}

static void
connect_queue(NeonQueue *queue, UserMapping *user)
{
	NeonConnection *connection = neon_connection_get(user);

	neon_connection_hold(connection);
	queue->connection = connection;
}

pg_noreturn static void
refuse_two_logins(const NeonConnection *connection)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
			 errmsg("cannot write to server \"%s\" both with and without a token of the session in one transaction",
					connection->server_name),
			 errhint("Change neon_http_fdw.auth_token, and the role, between transactions.")));
}

/*
 * The session's token may have been renewed, or another one taken its place,
 * since the last request: the new one counts.  But what was written with a
 * token is not committed without one, nor the other way round.
 */
static void
renew_login(NeonQueue *queue, UserMapping *user)
{
	NeonTokenSource source = queue->connection->credentials->source;

	/* the connection that the cache has now leads to another place */
	if (queue->connection->stale)
		return;
	neon_connection_release(queue->connection);
	queue->connection = NULL;
	connect_queue(queue, user);
	if (queue->writes != NIL &&
		queue->connection->credentials->source != source)
		refuse_two_logins(queue->connection);
}

/*
 * The connection's client has failed and cannot be used again: another one
 * must lead to the same place.
 */
static void
reconnect(NeonQueue *queue, UserMapping *user)
{
	NeonConnection *connection = neon_connection_get(user);

	if (strcmp(connection->credentials->url,
			   queue->connection->credentials->url) != 0 ||
		strcmp(connection->credentials->connection_string,
			   queue->connection->credentials->connection_string) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_CONNECTION_FAILURE),
				 errmsg("the connection that this transaction began with was lost, and server \"%s\" or its user mapping has changed",
						connection->server_name)));
	neon_connection_hold(connection);
	neon_connection_release(queue->connection);
	queue->connection = connection;
}

NeonQueue *
neon_queue_get(UserMapping *user)
{
	NeonQueue  *queue = neon_queue_find(user);

	if (queue == NULL)
		queue = make_queue(user);
	if (queue->connection == NULL)
	{
		connect_queue(queue, user);
		return queue;
	}
	if (queue->userid != user->userid)
		neon_credentials_check(queue->connection->credentials,
							   queue->connection->user,
							   queue->connection->server_name,
							   user->userid, queue->connection->owner);
	else if (!is_same_login(queue->connection, user))
		renew_login(queue, user);
	if (!neon_http_client_usable(queue->connection->client))
		reconnect(queue, user);
	return queue;
}

void
neon_queue_renew(NeonQueue *queue)
{
	UserMapping user = {.serverid = queue->serverid,.userid = queue->userid,
	.umid = queue->umid};

	(void) neon_queue_get(&user);
}

/*
 * What was written with a token and what was written without one, through the
 * same mapping, cannot be one remote transaction.
 */
static void
check_login(const NeonQueue *queue)
{
	ListCell   *lc;

	foreach(lc, queues)
	{
		NeonQueue  *other = lfirst(lc);

		if (other == queue || other->umid != queue->umid ||
			other->writes == NIL)
			continue;
		refuse_two_logins(queue->connection);
	}
}

static bool
is_unseen(const NeonTouch *touch)
{
	return touch != NULL && touch->unseen;
}

void
neon_queue_append(NeonQueue *queue, NeonQueuedWrite *write)
{
	MemoryContext old;

	check_login(queue);
	old = MemoryContextSwitchTo(queue_context);
	write->level = neon_pending_level();
	write->number = ++queue->number;
	write->seen = !is_unseen(write->touch);
	queue->writes = lappend(queue->writes, write);
	MemoryContextSetParent(write->context, queue_context);
	MemoryContextSwitchTo(old);
	if (queue->touched != NULL)
		neon_touched_add(queue->touched, write->touch);
	if (write->touch != NULL && write->touch->relies)
		queue->relies = true;
}

void
neon_queue_prepend(NeonQueue *queue, NeonQueuedWrite *write, int level)
{
	MemoryContext old;

	check_login(queue);
	old = MemoryContextSwitchTo(queue_context);
	write->level = level;
	queue->writes = lcons(write, queue->writes);
	MemoryContextSetParent(write->context, queue_context);
	MemoryContextSwitchTo(old);
}

/* ---------- what waiting writes concern ---------- */

static NeonTouched *
touched_rows(NeonQueue *queue)
{
	ListCell   *lc;

	if (queue->touched != NULL)
		return queue->touched;
	queue->touched = neon_touched_create(queue_context);
	foreach(lc, queue->writes)
	{
		NeonQueuedWrite *write = lfirst(lc);

		if (!write->check)
			neon_touched_add(queue->touched, write->touch);
	}
	return queue->touched;
}

bool
neon_queue_ties(NeonQueue *queue, const NeonTouch *touch)
{
	if (queue->writes == NIL)
		return false;
	if (neon_touched_ties(touched_rows(queue), touch))
		return true;
	queue->relies = true;
	return false;
}

List *
neon_queue_unseen_writes(const NeonQueue *queue)
{
	List	   *unseen = NIL;
	ListCell   *lc;

	foreach(lc, queue->writes)
	{
		NeonQueuedWrite *write = lfirst(lc);

		if (!write->seen)
			unseen = lappend(unseen, write);
	}
	return unseen;
}

void
neon_queue_seen(NeonQueue *queue)
{
	ListCell   *lc;

	foreach(lc, queue->writes)
		((NeonQueuedWrite *) lfirst(lc))->seen = true;
}

List *
neon_queue_facts(const NeonQueue *queue)
{
	List	   *facts = NIL;
	ListCell   *lc;

	foreach(lc, queue->writes)
	{
		const NeonTouch *touch = ((NeonQueuedWrite *) lfirst(lc))->touch;

		if (touch != NULL)
			facts = list_append_unique_ptr(facts, unconstify(NeonFact *, touch->fact));
	}
	return facts;
}

/* ---------- all queues ---------- */

int
neon_queue_count(const NeonQueue *queue, CommandId cid)
{
	int			n = 0;
	ListCell   *lc;

	if (queue == NULL)
		return 0;
	foreach(lc, queue->writes)
		n += ((NeonQueuedWrite *) lfirst(lc))->cid < cid;
	return n;
}

bool
neon_queues_hold_writes(void)
{
	ListCell   *lc;

	foreach(lc, queues)
	{
		if (((NeonQueue *) lfirst(lc))->writes != NIL)
			return true;
	}
	return false;
}

bool
neon_queues_are_worth_committing(void)
{
	ListCell   *lc;
	ListCell   *lc2;

	if (TransactionIdIsValid(GetTopTransactionIdIfAny()))
		return true;
	foreach(lc, queues)
	{
		foreach(lc2, ((NeonQueue *) lfirst(lc))->writes)
		{
			if (!((NeonQueuedWrite *) lfirst(lc2))->idle)
				return true;
		}
	}
	return false;
}

/*
 * Forgets the writes that were made at this nesting level, or deeper.  They
 * need not be the last ones: a write that an outer statement was gathering
 * may have been queued behind them.
 */
static void
forget_level(NeonQueue *queue, int level)
{
	ListCell   *lc;

	foreach(lc, queue->writes)
	{
		NeonQueuedWrite *write = lfirst(lc);

		if (write->level < level)
			continue;
		queue->writes = foreach_delete_current(queue->writes, lc);
		if (!neon_reads_undo(&queue->reads, write, queue->context))
			MemoryContextDelete(write->context);
		if (queue->touched != NULL)
			neon_touched_destroy(queue->touched);
		queue->touched = NULL;
	}
	foreach(lc, queue->writes)
	{
		NeonQueuedWrite *write = lfirst(lc);

		write->seen = !write->check && !is_unseen(write->touch);
	}
}

/* Hands the writes that were made at this nesting level to the one above. */
static void
lift_level(NeonQueue *queue, int level)
{
	ListCell   *lc;

	foreach(lc, queue->writes)
	{
		NeonQueuedWrite *write = lfirst(lc);

		write->level = Min(write->level, level - 1);
	}
}

void
neon_queues_end_level(int level, bool commit)
{
	ListCell   *lc;

	foreach(lc, queues)
	{
		if (commit)
			lift_level(lfirst(lc), level);
		else
			forget_level(lfirst(lc), level);
	}
}

/* Must not throw.  The memory of the queues goes with the transaction's. */
void
neon_queues_end(void)
{
	ListCell   *lc;

	foreach(lc, queues)
	{
		NeonQueue  *queue = lfirst(lc);

		if (queue->connection != NULL)
			neon_connection_release(queue->connection);
	}
	queue_context = NULL;
	queues = NIL;
}
