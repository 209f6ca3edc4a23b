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
#include "transaction/read_digests.h"

/* The largest number of statements that a script has. */
extern int	neon_script_bound(const NeonQueue *queue, List *writes,
							  NeonVerify verify);

/*
 * Fills in the statements: writes in this list that were made before command
 * cid, and, to verify by computing all digests again, the checks of reads that
 * saw nothing else (all of them, if the list is all of the queue's and no
 * write is newer than cid).  Returns their number.  Allocates in the current
 * memory context.
 */
extern int	neon_script(NeonQueue *queue, List *writes, bool all,
						CommandId cid, NeonVerify verify, NeonQuery *queries,
						NeonStats *stats);

/*
 * The request with the script that was made last is being sent.  rolled_back:
 * nothing of it is committed.
 */
extern void neon_script_sent(NeonQueue *queue, bool rolled_back);

#endif							/* NEON_TRANSACTION_SCRIPT_H */
