/*-------------------------------------------------------------------------
 *
 * transaction/read_digests.h
 *		The digests that the reads of one request leave, and the state of the
 *		remote that they are of.
 *
 * While that state stays the same, all that was read is known to be the same,
 * too, and later requests need not compute digests again: a proof of it, which
 * costs the same for any number of reads, is all they need.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_READ_DIGESTS_H
#define NEON_TRANSACTION_READ_DIGESTS_H

#include "json/row.h"
#include "transaction/read_check.h"

/* How does a request verify what was read before? */
typedef enum NeonVerify
{
	NEON_VERIFY_NOT,
	NEON_VERIFY_STATE,			/* it fails with NEON_STATE_PREFIX unless a
								 * proof shows that all is the same */
	NEON_VERIFY_ALL				/* by computing all digests again */
} NeonVerify;

typedef struct NeonDigests NeonDigests;

/*
 * For a request that verifies what was read before as said.  Lives in context,
 * and so does what is noted.
 */
extern NeonDigests *neon_digests_create(NeonReads *reads,
										MemoryContext context,
										bool each);

/* Adds the digest that a read leaves; see neon_read_check_add(). */
extern void neon_digests_add(NeonDigests *digests, const NeonQuery *reading,
							 CommandId cid, int64 number, List *writes);

/* How should the next request verify what was read? */
extern NeonVerify neon_digests_verify(NeonReads *reads, bool each);

/* A proof has failed: for some time none is tried. */
extern void neon_digests_unproved(NeonReads *reads);

/*
 * Fills in the statement that asks for the state, with its proof; it belongs
 * in front of writes.  Returns the number of statements: 0 if the digests
 * bring the state, which they may where alone says that nothing is written
 * before them, or if there is nothing that the state is wanted for.  i is the
 * number of that statement among those before what is wanted.
 */
extern int	neon_digests_state_sql(NeonDigests *digests, NeonVerify verify,
								   bool alone, NeonQuery *query, int i);

/* Fills in the statements of the digests, the first of which is number i. */
extern int	neon_digests_bound(const NeonDigests *digests);
extern int	neon_digests_sql(NeonDigests *digests, NeonQuery *queries, int i);

/*
 * The request is being sent, once all of its statements are filled in, for the
 * first time or in the place of one whose proof has failed.
 */
extern void neon_digests_sent(NeonDigests *digests, bool rolled_back);

/* A NeonBeforeRow. */
extern void neon_digests_row(void *arg, int i, const NeonRow *row);

#endif							/* NEON_TRANSACTION_READ_DIGESTS_H */
