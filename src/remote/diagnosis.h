/*-------------------------------------------------------------------------
 *
 * remote/diagnosis.h
 *		What the endpoint and libcurl say, as errors of PostgreSQL.
 *
 * All SQLSTATEs of remote and transport errors are chosen here.  Nothing is
 * thrown; all errors are allocated in the current memory context.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_REMOTE_DIAGNOSIS_H
#define NEON_REMOTE_DIAGNOSIS_H

#include "http/connection.h"
#include "remote/error.h"

/*
 * The error of a reply whose HTTP status is not 200, and whose body may be
 * cut; of a transfer that failed; of a reply with status 200 that is no valid
 * reply.
 */
extern NeonError *neon_error_from_reply(const NeonConnection *connection,
										int status, const char *body,
										size_t len, const char *request_id);
extern NeonError *neon_error_from_failure(const NeonConnection *connection,
										  const NeonFailure *failure,
										  const char *request_id);
extern NeonError *neon_error_from_problem(const NeonConnection *connection,
										  const char *problem, uint64 offset,
										  const char *request_id);

/* What to do about a proxy that answers CONNECT with this status. */
extern const char *neon_proxy_hint(int status);

/*
 * The error 08007, for a commit that may have happened in spite of this error;
 * and the error of an interrupt that came while a commit was waited for.
 */
extern NeonError *neon_error_unknown_outcome(const NeonConnection *connection,
											 const NeonError *error);
extern NeonError *neon_error_from_interrupt(const NeonConnection *connection,
											const ErrorData *interrupt,
											const char *request_id);

/*
 * The error of a request of so many bytes, when the endpoint takes no more
 * than limit.
 */
extern NeonError *neon_error_request_size(const NeonConnection *connection,
										  size_t size, int64 limit);

#endif							/* NEON_REMOTE_DIAGNOSIS_H */
