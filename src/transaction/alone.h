/*-------------------------------------------------------------------------
 *
 * transaction/alone.h
 *		Is a statement a transaction of its own?
 *
 * A statement that stands alone, so that nothing before it and nothing behind
 * it belongs to its transaction, needs no rehearsal: whoever sent it hears of
 * the commit's errors in the same place.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_ALONE_H
#define NEON_TRANSACTION_ALONE_H

#include "nodes/execnodes.h"

/*
 * Does the statement that is being executed stand alone?  If so, this makes
 * sure that the client hears of its success only when it is committed.
 */
extern bool neon_stands_alone(EState *estate);

/*
 * The same for a utility statement of this kind, for which there is no
 * executor's state to ask by.
 */
extern bool neon_utility_stands_alone(NodeTag kind);

/* Does a statement lock rows that are to be checked with what it writes? */
extern bool neon_locks_and_writes(PlannedStmt *stmt);

#endif							/* NEON_TRANSACTION_ALONE_H */
