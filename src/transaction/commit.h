/*-------------------------------------------------------------------------
 *
 * transaction/commit.h
 *		Commit a queue of writes on the remote.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_COMMIT_H
#define NEON_TRANSACTION_COMMIT_H

#include "transaction/queue.h"

/*
 * Returns when all writes of the queue are committed, in one transaction.
 * Throws if they are not, or, with 08007, if that is unknown.  With option
 * commit_ledger of the server a lost reply is looked up, and what was not
 * committed is sent again.
 */
extern void neon_commit(NeonQueue *queue);

#endif							/* NEON_TRANSACTION_COMMIT_H */
