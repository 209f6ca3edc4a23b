/*-------------------------------------------------------------------------
 *
 * remote/retry.h
 *		When is a request that failed sent again, and after what pause?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_REMOTE_RETRY_H
#define NEON_REMOTE_RETRY_H

#include "remote/batch.h"
#include "remote/error.h"

/* Is a request that failed like this worth sending again, without harm? */
extern bool neon_may_retry(NeonBatchKind kind, const NeonError *error);

/* Why it is sent again; failure is NULL if there was a reply. */
extern NeonRetryReason neon_retry_reason(const NeonError *error,
										 const NeonFailure *failure);

/*
 * Milliseconds to wait before the next attempt, after so many that ended with
 * such an error; -1 if there is no time left for it until deadline (on
 * neon_clock()) or the end of the statement's time.
 */
extern int64 neon_retry_delay(int retries, const NeonError *error,
							  int64 deadline);

/* Milliseconds that a reply which has begun may pause, 0 for no limit. */
extern int64 neon_stall_limit(const NeonServerOptions *options);

/*
 * The error as the caller must see it: unless the remote said that it failed,
 * or nothing of it was sent, a commit may have happened all the same.
 */
extern const NeonError *neon_batch_error(NeonBatchKind kind,
										 const NeonConnection *connection,
										 const NeonError *error);

#endif							/* NEON_REMOTE_RETRY_H */
