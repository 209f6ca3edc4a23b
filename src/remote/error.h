/*-------------------------------------------------------------------------
 *
 * remote/error.h
 *		What went wrong on the wire, and the only place that throws it.
 *
 * A NeonError is made (remote/diagnosis.h) without being thrown, so that the
 * caller can decide to try again, or to do something else instead.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_REMOTE_ERROR_H
#define NEON_REMOTE_ERROR_H

#include "compat/compat.h"

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
	bool		throttled;		/* there were too many requests for a time */
	bool		not_executed;	/* the remote certainly ran nothing of it */
	bool		rolled_back;	/* the remote certainly kept nothing of it */
	bool		conflict;		/* with other transactions: may work again */
	bool		wrong_count;	/* see NEON_WRONG_COUNT */
	bool		unproved;		/* a proof of NEON_STATE_PREFIX failed */
	bool		reply_too_large;	/* for the endpoint, which gave none */
	int64		limit;			/* in bytes, of a request or reply over it; 0:
								 * the endpoint did not say */
} NeonError;

/*
 * How a statement that checks something fails on the remote: it casts a text
 * that begins so to integer.  The rest of the text says what is wrong; the
 * error becomes 40001.
 */
#define NEON_CHECK_PREFIX	"neon_http_fdw: "

/*
 * What such a statement says if a statement that waited without a rehearsal
 * concerns another number of rows than its client was told; and whether an
 * error that was thrown since the last call has said so.
 */
#define NEON_WRONG_COUNT \
	"the remote server changes another number of rows than the client was told"
extern bool neon_error_told_wrong_count(void);

/*
 * The prefix of a text by which a test of the endpoint fails in the same way;
 * that error becomes 0A000.
 */
#define NEON_TEST_PREFIX	"neon_http_fdw! "

/*
 * The prefix of a text by which a proof fails that nothing on the remote has
 * changed, see deparse/remote_state.h.
 */
#define NEON_STATE_PREFIX	"neon_http_fdw? "

/*
 * Is it an error of one of the statements?  Other errors are those of the
 * connection, the server, the transaction or the user's patience.
 */
extern bool neon_error_is_of_statement(const NeonError *error);

/*
 * Throws it, with the remote SQL (may be NULL) and the request id as
 * context.
 */
pg_noreturn extern void neon_error_throw(const NeonError *error,
										 const char *sql);

/*
 * Was an error that has been caught thrown here?  The SQLSTATE does not tell:
 * 57014 is a statement that the remote has cancelled, for whatever reason of
 * its own, or the user's wish to end this one.
 */
extern bool neon_error_is_of_wire(const ErrorData *error);

#endif							/* NEON_REMOTE_ERROR_H */
