/*-------------------------------------------------------------------------
 *
 * json/response.h
 *		Streaming decoder of the endpoint's reply to a batch.
 *
 * The folder json/ writes requests and reads replies as text, and knows what
 * they look like.  It calls compat/ and PostgreSQL only.  It promises that
 * any bytes whatever end in rows of valid UTF-8 or in a description of what
 * is wrong with them, in bounded memory, and never in an error thrown while
 * reading.  It knows nothing of where the bytes come from.
 *
 * The decoder is fed bytes as they arrive and hands out one row at a time;
 * it can stop and go on at any byte.  It does no I/O, knows no catalog and
 * never reports an error itself: a broken reply ends in
 * NEON_RESPONSE_BROKEN, and the caller says so to the user.  So it builds
 * both in the server and in a frontend program (unit tests, fuzzer).
 *
 * What it reads is {"results":[{...},{...}]}, each result an object with
 * "fields", "rows" (array mode: an array of arrays of strings and nulls),
 * "command" and "rowCount", keys in any order, unknown keys skipped.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_JSON_RESPONSE_H
#define NEON_JSON_RESPONSE_H

#include "json/row.h"

/*
 * Expect a reply of nresults results; rows of result i must have
 * ncolumns[i] columns (-1: as many as its first row).  Allocates in the
 * current memory context; ncolumns is copied.
 */
extern NeonResponse *neon_response_create(int nresults, const int *ncolumns);
extern void neon_response_free(NeonResponse *response);

/*
 * Expect one result that stands alone, without {"results":[...]} around it;
 * to be called before anything is fed.
 */
extern void neon_response_expect_single(NeonResponse *response);

/*
 * Gives the next bytes of the reply.  They are borrowed until
 * neon_response_next() has returned NEED_INPUT, END or BROKEN; call only at
 * the start or after NEED_INPUT.
 */
extern void neon_response_feed(NeonResponse *response,
							   const char *data, size_t len);
extern NeonResponseEvent neon_response_next(NeonResponse *response);

/*
 * Says that no more bytes will come; call after NEED_INPUT.  Returns END if
 * the reply is complete, else BROKEN ("reply ends early").  Only this can
 * return END for the first time: until then anything but whitespace may
 * still follow the last brace, which is broken as well.
 */
extern NeonResponseEvent neon_response_finish(NeonResponse *response);

extern const NeonRow *neon_response_row(NeonResponse *response);

/*
 * After RESULT_END: the result's command ("SELECT"), its rowCount (-1 when
 * null or absent) and the raw JSON text of "fields" ("" when absent); valid
 * until the next call of neon_response_next().  "fields" is known from the
 * first ROW on if the endpoint sends it before "rows".
 */
extern const char *neon_response_command(NeonResponse *response);
extern int64 neon_response_rowcount(NeonResponse *response);
extern const char *neon_response_fields(NeonResponse *response);

/* After BROKEN: what is wrong, in plain words, and at which byte (from 0). */
extern const char *neon_response_problem(NeonResponse *response);
extern uint64 neon_response_offset(NeonResponse *response);

#endif							/* NEON_JSON_RESPONSE_H */
