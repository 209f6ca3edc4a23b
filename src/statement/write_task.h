/*-------------------------------------------------------------------------
 *
 * statement/write_task.h
 *		A whole statement that writes, as the executor hands it down.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_STATEMENT_WRITE_TASK_H
#define NEON_STATEMENT_WRITE_TASK_H

#include "statement/write_plan.h"
#include "statement/write_touch.h"
#include "transaction/transaction.h"

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

#endif							/* NEON_STATEMENT_WRITE_TASK_H */
