/*-------------------------------------------------------------------------
 *
 * transaction/alone.h
 *		Does a transaction end with a statement?
 *
 * The last statement of a transaction without BEGIN may need no rehearsal:
 * whoever sent it hears of the commit's errors in the same place.  If nothing
 * before it belongs to its transaction, it stands alone, and can be committed
 * by the request that runs it.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_ALONE_H
#define NEON_TRANSACTION_ALONE_H

#include "nodes/execnodes.h"

/*
 * Does the transaction end with the statement that is being executed?  If so,
 * this makes sure that the client hears of the statement's success only when
 * it is committed.
 */
extern bool neon_ends_transaction(EState *estate);

/* The same for a statement that only reads: there is no commit to be heard of. */
extern bool neon_stands_alone(EState *estate);

/*
 * The same for a utility statement of this kind, for which there is no
 * executor's state to ask by.
 */
extern bool neon_utility_ends_transaction(NodeTag kind);

/* Does a statement lock rows that are to be checked with what it writes? */
extern bool neon_locks_and_writes(PlannedStmt *stmt);

#endif							/* NEON_TRANSACTION_ALONE_H */
