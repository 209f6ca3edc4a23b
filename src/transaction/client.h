/*-------------------------------------------------------------------------
 *
 * transaction/client.h
 *		What the client sends next, as far as it has sent that already.
 *
 * In the extended protocol a transaction without BEGIN ends at the client's
 * Sync message.  Whether the statement that is being executed is the last one
 * before it, or others follow, decides how many requests it costs.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_CLIENT_H
#define NEON_TRANSACTION_CLIENT_H

#include "nodes/execnodes.h"

typedef enum NeonClientNext
{
	NEON_CLIENT_UNKNOWN,		/* nothing has come yet, or cannot be told */
	NEON_CLIENT_SYNC,			/* Sync: the transaction ends, or, in a
								 * transaction block, the client waits */
	NEON_CLIENT_FLUSH,			/* Flush: the client waits, but has not said
								 * that the transaction ends */
	NEON_CLIENT_MORE			/* another message, for whose outcome the
								 * client waits together with this one's */
} NeonClientNext;

/*
 * Looks at the type of the next message without taking it.  Waits for no more
 * than 20 milliseconds, and throws nothing.
 */
extern NeonClientNext neon_client_next(void);

/*
 * The statement of the client's message, NULL if it has several, or is of a
 * named portal.
 */
extern PlannedStmt *neon_client_only_statement(void);

/*
 * Is this the statement that the client has sent, and not one of a function,
 * of a trigger, of SQL's EXECUTE or of a named portal?
 */
extern bool neon_client_statement(EState *estate);

/*
 * The same, by the simple protocol?  Then the transaction, if there is no
 * BEGIN, ends with the statement.
 */
extern bool neon_client_is_simple(void);

#endif							/* NEON_TRANSACTION_CLIENT_H */
