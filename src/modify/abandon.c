/*-------------------------------------------------------------------------
 *
 * modify/abandon.c
 *		Rows that are on their way when their statement fails.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "compat/compat.h"
#include "modify/abandon.h"
#include "modify/state.h"
#include "transaction/committed.h"

/* How long a failed transaction waits for the outcome. */
#define SETTLE_MS		10000

/* Was the last error a cancel, or the session's end? */
static bool interrupted = false;

/* Called while an error or a message is being made. */
static void
note_error(void *arg)
{
	int			sqlstate = geterrcode();

	if (sqlstate == ERRCODE_QUERY_CANCELED ||
		sqlstate == ERRCODE_ADMIN_SHUTDOWN)
		interrupted = true;
	else if (!neon_is_no_error(sqlstate))
		interrupted = false;
}

static ErrorContextCallback callback = {NULL, note_error, NULL};

void
neon_abandon_watch(void)
{
	interrupted = false;
	neon_context_append(&callback);
}

void
neon_abandon_unwatch(void)
{
	neon_context_remove(&callback);
}

/* What belongs to the executor may be gone: its NeonStats, too. */
static void
settle(NeonWrites *writes)
{
	static NeonStats stats;
	const NeonError *error = neon_remote_settle(writes->reader,
												interrupted ? 0 : SETTLE_MS,
												&stats);

	if (error == NULL ||
		error->sqlstate != ERRCODE_TRANSACTION_RESOLUTION_UNKNOWN)
		return;
	ereport(WARNING,
			(errcode(error->sqlstate),
			 errmsg_internal("%s", error->message),
			 errdetail("A piece of " INT64_FORMAT " rows was under way when its statement failed: %s",
					   writes->rows.count, error->detail),
			 errhint("%s", error->hint)));
}

/*
 * What is on its way may be committed after the client has looked, unless it is
 * waited for.  As in scan/spill.c, what throws meanwhile holds nothing that only
 * an abort would release.
 */
void
neon_abandon(NeonPending *pending)
{
	NeonWrites *writes = (NeonWrites *) pending;
	MemoryContext old = MemoryContextSwitchTo(writes->context);
	uint32		holdoff = InterruptHoldoffCount;

	neon_abandon_unwatch();
	PG_TRY();
	{
		settle(writes);
	}
	PG_CATCH();
	{
		FlushErrorState();
		InterruptHoldoffCount = holdoff;
		ereport(WARNING,
				(errcode(ERRCODE_TRANSACTION_RESOLUTION_UNKNOWN),
				 errmsg("it is unknown whether a piece of " INT64_FORMAT " rows was committed",
						writes->rows.count)));
	}
	PG_END_TRY();
	MemoryContextSwitchTo(old);
	MemoryContextDelete(writes->context);
}
