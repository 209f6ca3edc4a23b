/*-------------------------------------------------------------------------
 *
 * http/account.h
 *		Counts what happens to a connection's requests, for this session and for
 *		all; what is known of each when it ends, http/endpoint.c counts.
 *
 * None of these throws unless it says so.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_HTTP_ACCOUNT_H
#define NEON_HTTP_ACCOUNT_H

#include "http/endpoint.h"

/* Announces a request to those who look at what is under way; may throw. */
extern NeonActivity *neon_connection_announce(NeonConnection *connection,
											  NeonRequestPurpose purpose);

/* A request is sent again, or was, so many times. */
extern void neon_account_retry(NeonConnection *connection,
							   NeonRetryReason reason, int n);
extern void neon_account_error(NeonConnection *connection, int sqlstate);
extern void neon_account_rows(NeonConnection *connection, int64 sent,
							  int64 received);

/* A piece of a result was asked for; a result of so many rows was kept. */
extern void neon_account_piece(NeonConnection *connection);
extern void neon_account_spill(NeonConnection *connection, int64 rows);

#endif							/* NEON_HTTP_ACCOUNT_H */
