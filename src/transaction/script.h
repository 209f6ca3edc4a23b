/*-------------------------------------------------------------------------
 *
 * transaction/script.h
 *		What a request does before anything else: the writes that wait, and
 *		the checks of what was read, each in its place among them.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_SCRIPT_H
#define NEON_TRANSACTION_SCRIPT_H

#include "remote/stats.h"
#include "transaction/queue.h"

/* The largest number of statements that a script has. */
extern int	neon_script_bound(const NeonQueue *queue, List *writes);

/*
 * Fills in the statements: writes in this list that were made before command
 * cid, and the checks of reads that saw nothing else (all of them, if the list
 * is that of the queue and no write is newer than cid); with commit, also those
 * that are left to the commit.  Returns their number.  Allocates in the
 * current memory context.
 */
extern int	neon_script(NeonQueue *queue, List *writes, CommandId cid,
						bool commit, NeonQuery *queries, NeonStats *stats);

/*
 * The request with the script that was made last is being sent.  rolled_back:
 * nothing of it is committed.
 */
extern void neon_script_sent(NeonQueue *queue, bool rolled_back);

#endif							/* NEON_TRANSACTION_SCRIPT_H */
