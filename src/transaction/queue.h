/*-------------------------------------------------------------------------
 *
 * transaction/queue.h
 *		Statements that wait for the commit, and how they are sent.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_QUEUE_H
#define NEON_TRANSACTION_QUEUE_H

#include "nodes/pg_list.h"

#include "json/request.h"

/* A statement that waits for the commit. */
typedef struct NeonQueuedWrite
{
	MemoryContext context;		/* holds it and what it points to */
	NeonQuery	query;
	CommandId	cid;			/* written by this command */
	int			level;			/* in this nesting of subtransactions */
	bool		idle;			/* not worth a commit by itself */
	const char *timezone;		/* in which it was rehearsed */
} NeonQueuedWrite;

/* Makes one, in context, which holds what query points to. */
extern NeonQueuedWrite *neon_queued_write(MemoryContext context,
										  const NeonQuery *query,
										  CommandId cid);

/* How many statements the following makes of a list at most. */
extern int	neon_queue_bound(List *writes);

/*
 * Appends the statements of what was written before command cid, in order,
 * and with settings between them where those of the session have changed.
 * Returns how many there are.  Allocates in the current memory context.
 */
extern int	neon_queue_statements(NeonQuery *queries, List *writes,
								  CommandId cid);

#endif							/* NEON_TRANSACTION_QUEUE_H */
