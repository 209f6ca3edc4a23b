/*-------------------------------------------------------------------------
 *
 * statement/rehearse.h
 *		Rehearsal of a whole statement that is committed later.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_STATEMENT_REHEARSE_H
#define NEON_STATEMENT_REHEARSE_H

#include "statement/write_plan.h"
#include "statement/write_touch.h"
#include "transaction/transaction.h"

/* A statement that is to be rehearsed, as the executor hands it down. */
typedef struct NeonWriteTask
{
	const NeonWritePlan *plan;
	NeonQuery	query;			/* only its parameters */
	int64		ngathered;		/* rows that were made here */
	NeonTouch	touch;			/* the rows that it concerns */
	CommandId	cid;
	UserMapping *user;
	NeonStats  *stats;

	/* Keeps the leading columns of a row for whoever reads the node. */
	void		(*keep_row) (void *arg, const NeonRow *row);
	void	   *arg;
} NeonWriteTask;

/*
 * Rehearses the statement and queues what it did.  Returns the number of rows
 * that it concerns.
 */
extern int64 neon_rehearse_write(const NeonWriteTask *task);

/*
 * The same for UPDATEs and DELETEs (NeonWriteTask) of one user mapping by one
 * request, in their order; fills in the rows of each.
 */
extern void neon_rehearse_changes(List *tasks, int64 *nrows);

/*
 * Queues the statement without a rehearsal, with a check that it concerns so
 * many rows.
 */
extern void neon_queue_unseen(const NeonWriteTask *task, int64 nrows);

#endif							/* NEON_STATEMENT_REHEARSE_H */
