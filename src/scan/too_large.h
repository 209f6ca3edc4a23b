/*-------------------------------------------------------------------------
 *
 * scan/too_large.h
 *		Which statements have had results that do not fit into one reply.
 *
 * The endpoint refuses a reply when it has become too large, after the remote
 * has run the statement for nothing.  So a session remembers the texts of such
 * statements, which have no values in them, and is not refused twice.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCAN_TOO_LARGE_H
#define NEON_SCAN_TOO_LARGE_H

#include "foreign/foreign.h"

#include "json/request.h"

/*
 * Did the result of this statement not fit when it was last read?  Or, as long
 * as it was not, are the expected bytes (0: unknown) far more than fit?
 */
extern bool neon_is_too_large(UserMapping *user, const NeonQuery *query,
							  double expected);

/*
 * Takes down whether it did.  The statement is known by its hash then, since
 * its text may live shorter than its result.
 */
extern uint64 neon_statement_hash(const NeonQuery *query);
extern void neon_note_too_large(UserMapping *user, uint64 statement,
								bool too_large);

#endif							/* NEON_SCAN_TOO_LARGE_H */
