/*-------------------------------------------------------------------------
 *
 * transaction/end_check.c
 *		Must what was only read be checked at the end of the transaction?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"

#include "transaction/end_check.h"

static bool
knows_reads(const NeonQueue *queue)
{
	ListCell   *lc;

	foreach(lc, queue->reads.checks)
	{
		if (neon_read_is_known(lfirst(lc)))
			return true;
	}
	return false;
}

/* Has the transaction to do with anything but this queue? */
static bool
is_not_all(const NeonQueue *queue)
{
	ListCell   *lc;

	if (TransactionIdIsValid(GetTopTransactionIdIfAny()))
		return true;
	foreach(lc, neon_queues())
	{
		const NeonQueue *other = lfirst(lc);

		if (other != queue && (other->writes != NIL || knows_reads(other)))
			return true;
	}
	return false;
}

/*
 * A transaction that has only read is as if it had run when its last request
 * did, if that has checked all reads before: it saw one state, and what
 * SERIALIZABLE promises held for it.  The state is not asked for again unless
 * there is more to the transaction than that.
 */
bool
neon_queue_wants_check(const NeonQueue *queue)
{
	if (!knows_reads(queue))
		return false;
	if (queue->reads.unverified)
		return true;
	return XactIsoLevel == XACT_SERIALIZABLE &&
		(queue->reads.rolled_back || is_not_all(queue));
}

bool
neon_queues_want_check(void)
{
	ListCell   *lc;

	foreach(lc, neon_queues())
	{
		if (neon_queue_wants_check(lfirst(lc)))
			return true;
	}
	return false;
}

bool
neon_queues_hold_reads(void)
{
	ListCell   *lc;

	foreach(lc, neon_queues())
	{
		if (((NeonQueue *) lfirst(lc))->reads.checks != NIL)
			return true;
	}
	return false;
}
