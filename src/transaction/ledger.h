/*-------------------------------------------------------------------------
 *
 * transaction/ledger.h
 *		A remote table that tells whether a transaction was committed.
 *
 * Every commit inserts a token of its own.  When the reply is lost, the same
 * token is inserted once more, marked as not committed: if that fails, the
 * commit has happened; if it works, it has not, and never will, for its own
 * token is taken now.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_LEDGER_H
#define NEON_TRANSACTION_LEDGER_H

#include "remote/remote.h"

#define NEON_LEDGER_TOKEN_SIZE	37	/* text of a UUID */

/* Makes a new token. */
extern void neon_ledger_token(char token[NEON_LEDGER_TOKEN_SIZE]);

/*
 * Fills in the statement that leaves the token in the table (quoted and
 * qualified).  The token must live as long as the query; allocates in the
 * current memory context.
 */
extern void neon_ledger_query(NeonQuery *query, const char *table,
							  const char *token);

/*
 * Was the transaction with this token committed?  If not, it never will be,
 * because the token is taken now.  Throws when that cannot be found out.
 */
extern bool neon_ledger_is_committed(NeonConnection *connection,
									 const char *token, NeonStats *stats);

#endif							/* NEON_TRANSACTION_LEDGER_H */
