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
	 * Queues them, because somebody may see them now, or the transaction
	 * ends.  Must remove itself from the list.
	 */
	void		(*flush) (struct NeonPending *pending);

	int			level;			/* nesting, set by neon_pending_add() */
	bool		listed;			/* false before that, and when removed */
} NeonPending;

/*
 * The list does not own what is in it.  A rolled back subtransaction takes
 * what it has added off the list, without a call of flush.
 */
extern void neon_pending_add(NeonPending *pending);
extern void neon_pending_remove(NeonPending *pending);

/* Flushes what commands before this one have gathered. */
extern void neon_pending_flush(CommandId cid);

extern bool neon_pending_exists(void);

/* Has nothing been added since? */
extern bool neon_pending_is_last(NeonPending *pending);

/*
 * The nesting level that a write belongs to: that of the statement which
 * gathered it, if it is being flushed, else the current one.
 */
extern int	neon_pending_level(void);

/* For transaction/transaction.c: a nesting level ends, or the whole transaction. */
extern void neon_pending_end_level(int level, bool commit);
extern void neon_pending_forget(void);

#endif							/* NEON_TRANSACTION_PENDING_H */
