/*-------------------------------------------------------------------------
 *
 * pending.c
 *		Writes that a statement is still gathering.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "pending.h"

static dlist_head pending_writes = DLIST_STATIC_INIT(pending_writes);

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

void
neon_pending_flush(CommandId cid)
{
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &pending_writes)
	{
		NeonPending *pending = dlist_container(NeonPending, node, iter.cur);

		if (pending->cid < cid)
			pending->flush(pending);
	}
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
			pending->level = level - 1;
		else
			neon_pending_remove(pending);
	}
}

bool
neon_pending_exists(void)
{
	return !dlist_is_empty(&pending_writes);
}

void
neon_pending_forget(void)
{
	dlist_init(&pending_writes);
}
