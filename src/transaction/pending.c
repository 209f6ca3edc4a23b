/*-------------------------------------------------------------------------
 *
 * transaction/pending.c
 *		Writes that a statement is still gathering.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"

#include "transaction/pending.h"

static dlist_head pending_writes = DLIST_STATIC_INIT(pending_writes);

/* The nesting level of the entry that is being flushed, 0 if none is. */
static int	flushed_level = 0;

void
neon_pending_add(NeonPending *pending)
{
	pending->level = GetCurrentTransactionNestLevel();
	pending->listed = true;
	dlist_push_tail(&pending_writes, &pending->node);
}

void
neon_pending_remove(NeonPending *pending)
{
	if (pending->listed)
		dlist_delete(&pending->node);
	pending->listed = false;
}

/*
 * Flushing an entry may take a rehearsal, which wants all entries flushed that
 * were gathered before: they are queued already, so the inner call has nothing
 * to do.
 */
void
neon_pending_flush(CommandId cid)
{
	dlist_mutable_iter iter;

	if (flushed_level > 0)
		return;
	dlist_foreach_modify(iter, &pending_writes)
	{
		NeonPending *pending = dlist_container(NeonPending, node, iter.cur);

		if (pending->cid >= cid)
			continue;
		neon_pending_remove(pending);
		flushed_level = pending->level;
		PG_TRY();
		{
			pending->flush(pending);
		}
		PG_FINALLY();
		{
			flushed_level = 0;
		}
		PG_END_TRY();
	}
}

NeonPending *
neon_pending_last(void)
{
	if (dlist_is_empty(&pending_writes))
		return NULL;
	return dlist_tail_element(NeonPending, node, &pending_writes);
}

bool
neon_pending_any(bool (*test) (const NeonPending *pending, const void *arg),
				 const void *arg)
{
	dlist_iter	iter;

	dlist_foreach(iter, &pending_writes)
	{
		if (test(dlist_container(NeonPending, node, iter.cur), arg))
			return true;
	}
	return false;
}

bool
neon_pending_is_last(NeonPending *pending)
{
	return pending->listed && neon_pending_last() == pending;
}

int
neon_pending_level(void)
{
	return flushed_level > 0 ? flushed_level : GetCurrentTransactionNestLevel();
}

void
neon_pending_end_level(int level, bool commit)
{
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &pending_writes)
	{
		NeonPending *pending = dlist_container(NeonPending, node, iter.cur);

		if (pending->level < level)
			continue;
		if (commit)
		{
			pending->level = level - 1;
			continue;
		}
		neon_pending_remove(pending);
		if (pending->abandon != NULL)
			pending->abandon(pending);
	}
}

bool
neon_pending_exists(void)
{
	return !dlist_is_empty(&pending_writes);
}
