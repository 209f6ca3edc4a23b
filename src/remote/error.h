/*-------------------------------------------------------------------------
 *
 * remote/error.h
 *		What went wrong on the wire, and the only place that throws it.
 *
 * Making a NeonError throws nothing, so that the caller can decide to try
 * again; all SQLSTATEs of remote and transport errors are chosen here.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_REMOTE_ERROR_H
#define NEON_REMOTE_ERROR_H

#include "compat/compat.h"
#include "http/connection.h"

/* All texts in the server's encoding, fit to be shown; NULL where absent. */
typedef struct NeonError
{
	int			sqlstate;
	char	   *message;
	char	   *detail;
	char	   *hint;
	char	   *where;			/* the remote's own context */
	char	   *schema_name;
	char	   *table_name;
	char	   *column_name;
	char	   *datatype_name;
	char	   *constraint_name;
	char	   *request_id;
	bool		transient;		/* a read is worth trying again */
	bool		not_executed;	/* the remote certainly ran nothing of it */
	bool		rolled_back;	/* the remote certainly kept nothing of it */
	bool		conflict;		/* with other transactions: may work again */
} NeonError;

/*
 * From a reply whose HTTP status is not 200; body may be cut.  From a
 * transfer that failed.  From a reply with status 200 that is no valid
 * reply.  All allocate in the current memory context.
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

/*
 * An error as it is to be shown when a commit may have happened in spite of
 * it: 08007.  And an interrupt that came while one was waited for.
 */
extern NeonError *neon_error_unknown_outcome(const NeonConnection *connection,
											 const NeonError *error);
extern NeonError *neon_error_from_interrupt(const NeonConnection *connection,
											const ErrorData *interrupt,
											const char *request_id);

/* A request of so many bytes, when the endpoint takes no more than limit. */
extern NeonError *neon_error_request_size(const NeonConnection *connection,
										  size_t size, int64 limit);

/*
 * How a statement that checks something fails on the remote: it casts a text
 * that begins so to integer.  The rest of the text says what is wrong; the
 * error becomes 40001.
 */
#define NEON_CHECK_PREFIX	"neon_http_fdw: "

/* The same when it is the endpoint that fails a test; becomes 0A000. */
#define NEON_TEST_PREFIX	"neon_http_fdw! "

/*
 * Throws it, with the remote SQL (may be NULL) and the request id as
 * context.
 */
pg_noreturn extern void neon_error_throw(const NeonError *error,
										 const char *sql);

#endif							/* NEON_REMOTE_ERROR_H */
