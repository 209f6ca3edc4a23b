/*-------------------------------------------------------------------------
 *
 * transaction/pending.h
 *		Writes that a statement is still gathering.
 *
 * Rows that come one by one are sent together; until then they are nowhere
 * in the transaction's queue.  Whoever has such rows registers them here, and
 * is told when they must be queued.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_PENDING_H
#define NEON_TRANSACTION_PENDING_H

#include "lib/ilist.h"

typedef struct NeonPending
{
	dlist_node	node;
	CommandId	cid;			/* of the statement */

	/*
	 * Queues the gathered rows, because somebody may see them now, or because
	 * the transaction ends.  The entry is off the list by then.
	 */
	void		(*flush) (struct NeonPending *pending);

	/*
	 * NULL, or what is called instead if the rows are rolled back: off the
	 * list, too.  What belongs to the executor may be gone then.  Must not
	 * throw.
	 */
	void		(*abandon) (struct NeonPending *pending);

	int			level;			/* nesting, set by neon_pending_add() */
	bool		listed;			/* is on the list */
} NeonPending;

/*
 * Puts gathered rows on the list, or takes them off.  The list does not own
 * them.  A transaction or subtransaction that is rolled back takes off the list
 * what it has added, without a call of flush.
 */
extern void neon_pending_add(NeonPending *pending);
extern void neon_pending_remove(NeonPending *pending);

/* Flushes all that commands before this one have gathered. */
extern void neon_pending_flush(CommandId cid);

/* Is anything on the list? */
extern bool neon_pending_exists(void);

/* The entry that was added last, NULL if there is none. */
extern NeonPending *neon_pending_last(void);

/* Has nothing been added to the list behind this entry? */
extern bool neon_pending_is_last(NeonPending *pending);

/* Is there an entry for which the test, called with arg, is true? */
extern bool neon_pending_any(bool (*test) (const NeonPending *pending,
										   const void *arg),
							 const void *arg);

/*
 * The nesting level that a write belongs to: that of the statement which
 * gathered it, if it is being flushed, else the current one.
 */
extern int	neon_pending_level(void);

/* A nesting level of transactions ends, which for the outermost one is 1. */
extern void neon_pending_end_level(int level, bool commit);

#endif							/* NEON_TRANSACTION_PENDING_H */
