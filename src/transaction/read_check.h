/*-------------------------------------------------------------------------
 *
 * transaction/read_check.h
 *		What a local transaction has read under one user mapping.
 *
 * At REPEATABLE READ and SERIALIZABLE each read leaves a check: the statement,
 * and the digest of what it returned.  Later requests of the transaction and
 * its commit compute that digest once more, in their own snapshot and behind
 * the writes that the read saw, and fail if it differs.  So the transaction
 * sees one state of the server, and what it commits is as if it had run at
 * the moment of its commit.
 *
 * Unlike a write, a read stays when its subtransaction is rolled back: what it
 * returned is known.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_READ_CHECK_H
#define NEON_TRANSACTION_READ_CHECK_H

#include "http/connection.h"
#include "json/request.h"
#include "nodes/pg_list.h"
#include "transaction/queued_write.h"

typedef struct NeonReadCheck
{
	NeonQuery	query;			/* the same text is the same pointer */
	CommandId	cid;			/* it saw what commands before have written, */
	int64		number;			/* in writes with a smaller number, */
	List	   *undone;			/* and these, which were rolled back since */
	const char *timezone;
	int64		request;		/* it was part of this one */
	const char *count;			/* the digest; NULL: it has not arrived */
	const char *sum;
	bool		dropped;		/* another check is the same */
} NeonReadCheck;

typedef struct NeonReads
{
	List	   *checks;			/* of NeonReadCheck */
	const char *state;			/* of the remote, which all known digests are
								 * of; NULL: there is none to rely on */
	bool		rehearsed;		/* since, requests of our own were rolled back */
	int			in_full;		/* requests that are not to rely on a state */
	int			unproved;		/* so many were not, after the last failure */
	int64		arrived;		/* digests */
	int64		requests;		/* sent so far */
	bool		unverified;		/* the last one did not check all of them */
	bool		rolled_back;	/* nor is what it saw certain to be committed */
} NeonReads;

/* Defines neon_http_fdw.max_read_checks. */
extern void neon_read_checks_init(void);

/* Are reads of this transaction checked? */
extern bool neon_reads_are_checked(const NeonConnection *connection);

/* Does a read see a write? */
extern bool neon_read_sees(const NeonReadCheck *check,
						   const NeonQueuedWrite *write);

/* Has its digest arrived? */
extern bool neon_read_is_known(const NeonReadCheck *check);

/*
 * A write is rolled back with its subtransaction.  True if a check needs it
 * nevertheless; then it must stay as long as context.
 */
extern bool neon_reads_undo(NeonReads *reads, NeonQueuedWrite *write,
							MemoryContext context);

/* Does any check need a write, or one that was rolled back? */
extern bool neon_reads_see_writes(const NeonReads *reads, List *writes);
extern bool neon_reads_see_undone(const NeonReads *reads);

/*
 * Notes what a statement reads as of command cid, behind waiting writes; number
 * is that of the last one.  NULL if that leaves no digest.  Throws if there are
 * too many checks.  each: the request verifies all digests that are known
 * already, so that the same read leaves no other one.
 */
extern NeonReadCheck *neon_read_check_add(NeonReads *reads,
										  MemoryContext context,
										  const NeonQuery *reading,
										  CommandId cid, int64 number,
										  List *writes, bool each);

#endif							/* NEON_TRANSACTION_READ_CHECK_H */
