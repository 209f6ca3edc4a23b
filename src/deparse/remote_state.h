/*-------------------------------------------------------------------------
 *
 * deparse/remote_state.h
 *		SQL that proves that nothing on the remote has changed.
 *
 * The state of a remote is what its snapshots tell: which transactions are
 * visible, and on which server that is.  Two requests with the same state see
 * the same data; so do two between whose states all transactions that ended
 * were rolled back.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_DEPARSE_REMOTE_STATE_H
#define NEON_DEPARSE_REMOTE_STATE_H

/* The expression of a state, which is NULL where it would prove nothing. */
extern const char *neon_state_column(void);

/* What is between two states that see the same data. */
typedef enum NeonStateProof
{
	NEON_STATE_SAME,			/* nothing */
	NEON_STATE_ROLLED_BACK		/* at most transactions that were rolled back */
} NeonStateProof;

/*
 * An expression that fails with NEON_STATE_PREFIX unless it is proved that the
 * data are those of the state in this parameter.
 */
extern const char *neon_state_proof(NeonStateProof proof, int param);

#endif							/* NEON_DEPARSE_REMOTE_STATE_H */
