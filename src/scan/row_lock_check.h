/*-------------------------------------------------------------------------
 *
 * scan/row_lock_check.h
 *		Locked rows, as a check that runs at the commit.
 *
 * The endpoint keeps no locks between requests.  A lock is to guarantee that
 * the row is still the same when the transaction commits.  So the commit locks
 * the row and checks its version, in the same remote transaction.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCAN_ROW_LOCK_CHECK_H
#define NEON_SCAN_ROW_LOCK_CHECK_H

#include "storage/itemptr.h"

#include "transaction/transaction.h"

/* One version of one row on the remote. */
typedef struct NeonRowVersion
{
	ItemPointerData ctid;
	Oid			tableoid;
	TransactionId xmin;			/* invalid: this transaction has written it */
} NeonRowVersion;

/* What rows that are locked together have in common. */
typedef struct NeonLock
{
	UserMapping *user;
	CommandId	cid;			/* of the statement that locks */
	const char *table;			/* remote, quoted and qualified */
	const char *clause;			/* static: "FOR UPDATE" ... */
	bool		alone;			/* the transaction is likely to do nothing
								 * else, so that the check is not needed */
} NeonLock;

/*
 * Adds a row to those that the commit checks.  Both arguments are only read
 * during the call.
 */
extern void neon_lock_gather(const NeonLock *lock,
							 const NeonRowVersion *version);

#endif							/* NEON_SCAN_ROW_LOCK_CHECK_H */
