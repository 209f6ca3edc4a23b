/*-------------------------------------------------------------------------
 *
 * transaction/queue.h
 *		What a local transaction has written under one user mapping.
 *
 * A queue holds, in their order, the statements that wait for the commit, and
 * lives as long as the local transaction.  A write that a subtransaction made
 * leaves the queue when that is rolled back.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_QUEUE_H
#define NEON_TRANSACTION_QUEUE_H

#include "http/connection.h"
#include "nodes/pg_list.h"
#include "transaction/queued_write.h"
#include "transaction/read_check.h"

/*
 * The connection is held.  It keeps to the settings that the transaction
 * began with: what becomes of server and user mapping meanwhile, here or in
 * other sessions, concerns later transactions.  NULL after an error.
 */
typedef struct NeonQueue
{
	MemoryContext context;		/* lives until the end of the transaction */
	Oid			serverid;
	Oid			userid;
	Oid			umid;
	NeonConnection *connection;
	List	   *writes;			/* of NeonQueuedWrite */
	NeonTouched *touched;		/* what they concern; NULL: to be made anew */
	int64		number;			/* of the last write */
	NeonReads	reads;
	bool		relies;			/* a write was rehearsed without those before
								 * it, because of what facts say */
} NeonQueue;

/* All queues of the transaction. */
extern List *neon_queues(void);

/*
 * Finds the queue of a user mapping, or NULL if the transaction has not talked
 * to the server through that mapping yet; neon_queue_get() then makes one.
 */
extern NeonQueue *neon_queue_find(UserMapping *user);
extern NeonQueue *neon_queue_get(UserMapping *user);

/*
 * The token of the session may have changed since the last request: the commit
 * goes with the one that counts now.
 */
extern void neon_queue_renew(NeonQueue *queue);

/* Appends a write; its level is that of what is being executed or flushed. */
extern void neon_queue_append(NeonQueue *queue, NeonQueuedWrite *write);

/* Puts a check of what was read at that nesting level first. */
extern void neon_queue_prepend(NeonQueue *queue, NeonQueuedWrite *write,
							   int level);

/* The number of writes that were made before command cid; queue may be NULL. */
extern int	neon_queue_count(const NeonQueue *queue, CommandId cid);

/*
 * Can the outcome of a write depend on what waits?  If not, the queue relies
 * on facts from now on.
 */
extern bool neon_queue_ties(NeonQueue *queue, const NeonTouch *touch);

/*
 * The checks, and the writes that were queued without a rehearsal, which have
 * not been part of one since then.  neon_queue_seen() says that now all have
 * been; a rollback of a subtransaction, which may be due to their failure,
 * takes that back.
 */
extern List *neon_queue_unseen_writes(const NeonQueue *queue);
extern void neon_queue_seen(NeonQueue *queue);

/* The facts about the writes of the queue, each once. */
extern List *neon_queue_facts(const NeonQueue *queue);

/* Does any queue hold a write? */
extern bool neon_queues_hold_writes(void);

/*
 * Is anything written, here or there, that the outcome of a check matters to?
 */
extern bool neon_queues_are_worth_committing(void);

/* A nesting level of subtransactions ends; the whole transaction does. */
extern void neon_queues_end_level(int level, bool commit);
extern void neon_queues_end(void);

#endif							/* NEON_TRANSACTION_QUEUE_H */
