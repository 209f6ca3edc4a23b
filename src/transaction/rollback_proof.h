/*-------------------------------------------------------------------------
 *
 * transaction/rollback_proof.h
 *		The proof that an endpoint honours a closing ROLLBACK.
 *
 * Rehearsals rely on it.  An endpoint that commits them instead must be found
 * out before anything is written.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_ROLLBACK_PROOF_H
#define NEON_TRANSACTION_ROLLBACK_PROOF_H

#include "remote/remote.h"

/*
 * Fills in the statement that a rehearsal on this connection must begin with,
 * and returns how many that is: 0 when the proof has been given.  May send a
 * request of its own, so the connection must be held.  Allocates in the
 * current memory context.
 */
extern int	neon_rollback_proof(NeonConnection *connection, NeonQuery *query,
								NeonStats *stats);

#endif							/* NEON_TRANSACTION_ROLLBACK_PROOF_H */
