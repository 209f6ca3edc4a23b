/*-------------------------------------------------------------------------
 *
 * transaction/queued_write.h
 *		A statement that waits for the commit, and how several are sent.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_QUEUED_WRITE_H
#define NEON_TRANSACTION_QUEUED_WRITE_H

#include "nodes/pg_list.h"

#include "json/request.h"
#include "transaction/touched.h"

/* A statement that waits for the commit, in the queue of transaction/queue.h. */
typedef struct NeonQueuedWrite
{
	MemoryContext context;		/* holds the write and all that it points to */
	NeonQuery	query;
	CommandId	cid;			/* of the command that wrote it */
	int64		number;			/* counts up within the queue; 0: a check */
	int			level;			/* nesting level of subtransactions */
	bool		check;			/* only checks and locks, changes nothing */
	bool		idle;			/* a check that is not worth a commit alone */
	const char *timezone;		/* the session's when it was rehearsed */
	bool		seen;			/* it was part of a rehearsal */
	const NeonTouch *touch;		/* what it concerns, NULL: that is not known */
} NeonQueuedWrite;

/*
 * Makes a queued write in context, which must hold what query points to and
 * belongs to the write from now on.  touch, which may be NULL, is copied.
 */
extern NeonQueuedWrite *neon_queued_write(MemoryContext context,
										  const NeonQuery *query,
										  CommandId cid,
										  const NeonTouch *touch);

/* Sets the time zone; what a statement makes of a time depends on it. */
extern void neon_set_timezone(NeonQuery *query, const char *timezone);

/* The largest number of statements that a list of writes is sent as. */
extern int	neon_queued_writes_bound(List *writes);

/*
 * Fills in the statements of all writes that were made before command cid, in
 * their order, with a setting of the time zone between those that were
 * rehearsed under different ones.  Returns the number of statements.
 * Allocates in the current memory context.
 */
extern int	neon_queued_writes_sql(NeonQuery *queries, List *writes,
								   CommandId cid);

#endif							/* NEON_TRANSACTION_QUEUED_WRITE_H */
