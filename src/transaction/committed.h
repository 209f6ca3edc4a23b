/*-------------------------------------------------------------------------
 *
 * transaction/committed.h
 *		Errors that come after something has been committed on a remote.
 *
 * An error of a statement or a COMMIT means to whoever gets it that nothing
 * was written, and what can be repeated may be.  Once a remote has committed,
 * that is not so any more; such an error has one SQLSTATE of its own, which no
 * driver and no retry loop takes for a reason to try again: 2D000,
 * invalid_transaction_termination.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_COMMITTED_H
#define NEON_TRANSACTION_COMMITTED_H

#include "http/connection.h"

#define NEON_ERRCODE_COMMITTED	ERRCODE_INVALID_TRANSACTION_TERMINATION

/* The server, and the remote role, as messages name them. */
extern char *neon_committed_name(const NeonConnection *connection);

/*
 * From now on until the end of the local transaction, errors say that the
 * transaction is committed on this server.
 */
extern void neon_committed(const NeonConnection *connection);

/* The transaction has ended.  Must not throw. */
extern void neon_committed_end(void);

/*
 * The same for one statement that is committed although the transaction goes
 * on; an error context callback like any other, which the caller pops.
 */
extern void neon_committed_push(ErrorContextCallback *context,
								NeonConnection *connection);

/*
 * Puts an error context callback at the end of the list, or takes it off: it
 * stays when the function that calls this returns.
 */
extern void neon_context_append(ErrorContextCallback *context);
extern void neon_context_remove(ErrorContextCallback *context);

/* Does this SQLSTATE belong to a message that is no error? */
extern bool neon_is_no_error(int sqlstate);

#endif							/* NEON_TRANSACTION_COMMITTED_H */
