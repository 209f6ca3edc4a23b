/*-------------------------------------------------------------------------
 *
 * remote/retry.c
 *		When is a request that failed sent again, and after what pause?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/pg_prng.h"
#include "utils/timestamp.h"

#include "compat/compat.h"
#include "http/wait.h"
#include "remote/diagnosis.h"
#include "remote/retry.h"

/*
 * Pauses between attempts are drawn from 0 to a bound that doubles ("full
 * jitter"): many sessions that fail together do not come back together.  A
 * compute that starts takes a second or two, so the first few come quickly.
 */
#define RETRY_BASE_MS	100
#define RETRY_CAP_MS	5000

/*
 * Limits on the number of requests are counted over a second and more: come
 * back later then, and no pause is shorter than half of its bound.
 */
#define THROTTLED_BASE_MS	500

bool
neon_may_retry(NeonBatchKind kind, const NeonError *error)
{
	if (kind == NEON_BATCH_READ)
		return error->transient;

	/*
	 * A transaction that was rolled back has left nothing: it may be sent
	 * again, and meets what is there now.  A statement without a transaction
	 * around it may have left something.
	 */
	if (error->rolled_back && kind != NEON_BATCH_ALONE)
		return error->conflict || error->transient;
	return error->transient &&
		(!neon_batch_runs_once(kind) || error->not_executed);
}

NeonRetryReason
neon_retry_reason(const NeonError *error, const NeonFailure *failure)
{
	if (error->conflict)
		return NEON_RETRY_CONFLICT;
	if (error->throttled)
		return NEON_RETRY_THROTTLED;
	if (failure == NULL)
		return NEON_RETRY_UNAVAILABLE;
	return failure->sent ? NEON_RETRY_LOST : NEON_RETRY_CONNECT;
}

int64
neon_retry_delay(int retries, const NeonError *error, int64 deadline)
{
	TimestampTz statement = neon_statement_deadline();
	int64		base = error->throttled ? THROTTLED_BASE_MS : RETRY_BASE_MS;
	int64		bound = RETRY_CAP_MS;
	double		part = pg_prng_double(&pg_global_prng_state);
	int64		delay;

	if (retries < 16)
		bound = Min(bound, base << retries);
	if (error->throttled)
		part = (1 + part) / 2;
	delay = (int64) (part * bound);
	if (deadline != NEON_NO_DEADLINE && neon_clock() + delay >= deadline)
		return -1;
	if (statement != DT_NOEND &&
		GetCurrentTimestamp() + delay * 1000 >= statement)
		return -1;
	return delay;
}

int64
neon_stall_limit(const NeonServerOptions *options)
{
	int64		stall = options->stall_timeout;

	if (options->request_timeout > 0 &&
		(stall == 0 || options->request_timeout < stall))
		stall = options->request_timeout;
	return stall * 1000;
}

const NeonError *
neon_batch_error(NeonBatchKind kind, const NeonConnection *connection,
				 const NeonError *error)
{
	if (!neon_batch_runs_once(kind) || error->not_executed ||
		error->rolled_back)
		return error;
	return neon_error_unknown_outcome(connection, error);
}
