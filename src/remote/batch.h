/*-------------------------------------------------------------------------
 *
 * remote/batch.h
 *		The statements that make up one request.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_REMOTE_BATCH_H
#define NEON_REMOTE_BATCH_H

#include "http/connection.h"
#include "json/request.h"
#include "json/row.h"
#include "remote/error.h"

/* What becomes of what a batch does, and so when it may be sent again. */
typedef enum NeonBatchKind
{
	NEON_BATCH_READ,			/* nothing is written */
	NEON_BATCH_REHEARSAL,		/* written, and rolled back at the end */
	NEON_BATCH_REPEATABLE,		/* committed; twice is as good as once */
	NEON_BATCH_COMMIT,			/* committed, once */
	NEON_BATCH_ALONE			/* one statement as it is, once: no guard
								 * before it, no transaction around it */
} NeonBatchKind;

/*
 * True of batches that must not run twice: if the reply is lost, nobody knows
 * whether the batch has run.
 */
static inline bool
neon_batch_runs_once(NeonBatchKind kind)
{
	return kind == NEON_BATCH_COMMIT || kind == NEON_BATCH_ALONE;
}

/* Told a row of statement i of those that run before what is wanted. */
typedef void (*NeonBeforeRow) (void *arg, int i, const NeonRow *row);

typedef struct NeonBatch NeonBatch;

/*
 * Makes the batch to send in the place of one that failed for lack of a proof
 * (NEON_STATE_PREFIX): of the same kind and, unless their results are not
 * looked at, with the same number of statements that are wanted.  Allocates in
 * the current memory context.
 */
typedef void (*NeonInstead) (void *arg, NeonBatch *batch);

struct NeonBatch
{
	NeonBatchKind kind;
	const NeonQuery *before;	/* these run first; their rows are not wanted */
	int			nbefore;
	const NeonQuery *queries;
	int			nqueries;

	bool		catalog;		/* asks for nothing but what the remote knows
								 * of its tables and plans */

	/*
	 * "Name: value" of the transaction's properties, NULL-terminated; NULL:
	 * as kind and the local transaction have it.
	 */
	const char *const *headers;

	/*
	 * If this is not NULL, it gets the rows of the statements before, once
	 * more if the request is sent again.  Must not throw.
	 */
	NeonBeforeRow before_row;
	void	   *before_arg;		/* lives as long as the reader */

	NeonInstead instead;		/* NULL: such an error is one as others are */
	void	   *instead_arg;	/* lives as long as the reader */
};

/* A batch as it is sent. */
typedef struct NeonBatchRequest
{
	NeonRequest request;
	const char *headers[NEON_MAX_REQUEST_HEADERS + 1];
	int			nresults;		/* in the reply */
	int		   *ncolumns;		/* of each */
	int			first;			/* first and last result that are wanted */
	int			last;
	int			before;			/* first of those before the wanted ones */
	NeonBeforeRow before_row;	/* of NeonBatch */
	void	   *before_arg;
	int64		rows;			/* that its parameters hold */
	char	   *sql;			/* of the wanted ones, for error messages */
} NeonBatchRequest;

/*
 * Fills in the request: the guard, the statements and, for a rehearsal, a
 * ROLLBACK.  Allocates in the current memory context; the batch is only read
 * during the call, the result must stay where it is.
 */
extern void neon_batch_request(NeonConnection *connection,
							   const NeonBatch *batch,
							   NeonBatchRequest *result);

/*
 * The error of a request that is known to be larger than the endpoint takes,
 * NULL if it is not.
 */
extern NeonError *neon_batch_size_error(NeonConnection *connection,
										const NeonBatchRequest *batch);

#endif							/* NEON_REMOTE_BATCH_H */
