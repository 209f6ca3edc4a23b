/*-------------------------------------------------------------------------
 *
 * transaction/commit.h
 *		Commit queues of writes on their remotes.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_COMMIT_H
#define NEON_TRANSACTION_COMMIT_H

#include "transaction/queue.h"

/*
 * Returns when all that waits in queues, a list of them, is committed: each
 * queue in a transaction of its own, one after the other.  Before that, all but
 * the first are tried, and what was only read is checked.  Throws if the first
 * one is not committed, or, with 08007, if that is unknown; for a later one
 * the error is that of transaction/committed.h.  With option commit_ledger of
 * the server a lost reply is looked up, and what was not committed is sent
 * again.
 */
extern void neon_commit(List *queues);

#endif							/* NEON_TRANSACTION_COMMIT_H */
