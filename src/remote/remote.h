/*-------------------------------------------------------------------------
 *
 * remote/remote.h
 *		Run a batch on the endpoint and hand out its results.
 *
 * The folder remote/ runs statements on an endpoint: guard, request, retries,
 * rows, errors.  It calls json/, http/, option/ and compat/; json-c is used
 * here and in json/ only.  It promises that a result is one reply of one
 * snapshot, that nothing runs twice that must not, that every error has an
 * SQLSTATE and shows no secret, and that 08007 means exactly: nobody knows.
 *
 * Every request is one batch that starts with a guard statement (settings
 * that make names resolve and text parse the same on any remote), runs in
 * one remote transaction, and is read while it arrives.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_REMOTE_REMOTE_H
#define NEON_REMOTE_REMOTE_H

#include "compat/compat.h"
#include "http/connection.h"
#include "json/response.h"
#include "remote/batch.h"
#include "remote/error.h"
#include "remote/stats.h"

typedef struct NeonReader NeonReader;

/*
 * Sends a batch and returns without waiting for the reply.  The reader
 * belongs to the current memory context: resetting or deleting that ends the
 * transfer (and so cancels the remote query).  stats must live at least as
 * long as the reader.  The batch is only read during the call.
 *
 * A batch to be committed fails with 08007 when it may have been committed
 * nevertheless; after any other error it certainly was not.
 */
extern NeonReader *neon_remote_run(NeonConnection *connection,
								   const NeonBatch *batch, NeonStats *stats);

/*
 * As neon_remote_run(), for statements that only read; the second is for what
 * the remote knows of its tables and plans.
 */
extern NeonReader *neon_remote_read(NeonConnection *connection,
									const NeonQuery *queries, int nqueries,
									NeonStats *stats);
extern NeonReader *neon_remote_look_up(NeonConnection *connection,
									   const NeonQuery *queries, int nqueries,
									   NeonStats *stats);

/*
 * Next row of the current result, or NULL when that result is complete;
 * waits for it, interruptibly.  Values are UTF-8, whatever the server's
 * encoding, and valid until the next call.  Results come in the order of the
 * queries; neon_remote_next_result() moves to the next one (and skips what
 * is left of this one), false after the last.
 *
 * Throws on transport errors, remote errors and broken replies.  As long as
 * nothing was handed out, transport errors and overload are retried where
 * that does no harm; so are, in batches that write, transactions that the
 * remote gave up because of others.
 */
extern const NeonRow *neon_remote_next_row(NeonReader *reader);
extern bool neon_remote_next_result(NeonReader *reader);

/*
 * Errors that the caller expects are returned instead of thrown, so that it
 * needs neither PG_TRY() nor a subtransaction to go on with something else.
 *
 * Waits for the reply to begin.  Returns NULL if it does: then the batch has
 * run to its end, the COMMIT or ROLLBACK included, because the endpoint sends
 * nothing before.  If the batch failed instead, and retrying it was no use,
 * with one of the SQLSTATEs in this list, which ends with 0, returns that
 * error; it is valid as long as the reader, which has no results.  All other
 * errors are thrown.  To be called before anything is read.
 *
 *		static const int expected[] = {ERRCODE_UNDEFINED_COLUMN, 0};
 *		const NeonError *error = neon_remote_expect(reader, expected);
 *
 * The SQLSTATE of a batch to be committed is 08007 where the outcome is
 * unknown, whatever made it so.
 *
 * neon_remote_refuse() throws the error that was returned, if the caller can
 * do nothing about it after all.
 */
extern const NeonError *neon_remote_expect(NeonReader *reader,
										   const int *expected);
pg_noreturn extern void neon_remote_refuse(NeonReader *reader);

/*
 * The local transaction fails while a batch to be committed is under way: waits
 * for its reply, so long at most, and not while somebody wants the session to
 * stop.  Returns NULL if the batch is committed, else an error: its SQLSTATE is
 * 08007 if the outcome is unknown.  The batch is not sent again, and nothing of
 * the reply can be read.  The stats take the place of those that the reader was
 * given, which may be gone.
 */
extern const NeonError *neon_remote_settle(NeonReader *reader,
										   int64 milliseconds,
										   NeonStats *stats);

/*
 * As neon_remote_expect(), for a reply that the endpoint refused to give
 * because it is larger than its limit.  Returns false then, and the limit in
 * *limit (bytes, 0 if the endpoint did not say) unless that is NULL: the caller
 * asks for less, or lets neon_remote_refuse() throw the error.
 */
extern bool neon_remote_fits(NeonReader *reader, int64 *limit);

/*
 * As neon_remote_expect(), for a reply that is too large and for any error
 * that one of the statements has made: returns false then.  For statements
 * that need not go together.
 */
extern bool neon_remote_works(NeonReader *reader);

/*
 * The reply must begin within so many milliseconds from now, whatever else
 * the limit is: for what is not worth waiting for.
 */
extern void neon_remote_limit(NeonReader *reader, int64 milliseconds);

/*
 * The reply is this piece of a result, of about so many (0: that is not known).
 */
extern void neon_remote_piece(NeonReader *reader, int piece, int pieces);

/*
 * Would neon_remote_next_row() return without waiting for the remote, or at
 * least have something to do?  If not, *deadline is lowered to the time at
 * which it should be called nevertheless, on neon_clock().
 */
extern bool neon_remote_ready(NeonReader *reader, int64 *deadline);

/*
 * Has all of the reply been received?  Rows of it may still have to be handed
 * out.
 */
extern bool neon_remote_arrived(const NeonReader *reader);

/* Bytes of the reply's body so far. */
extern int64 neon_remote_received(NeonReader *reader);

/*
 * Of the result just completed: its command tag's first word, and the rows
 * that the command says it concerned (-1: it does not say).
 */
extern const char *neon_remote_command(NeonReader *reader);
extern int64 neon_remote_rowcount(NeonReader *reader);

/*
 * What the endpoint says of the columns of the current result: JSON text of
 * "fields".  "" before its first row, or if it comes too late.  Valid until
 * the next call.
 */
extern const char *neon_remote_fields(NeonReader *reader);

/*
 * Reads what is left of the reply, for its errors, and closes the reader.
 * Returns the rows that the last result's command says it concerned, 0 if it
 * does not say.
 */
extern int64 neon_remote_finish(NeonReader *reader);

/* Ends the transfer where it is and frees the reader. */
extern void neon_remote_close(NeonReader *reader);

#endif							/* NEON_REMOTE_REMOTE_H */
