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

#include "statement/write_task.h"

/*
 * Rehearses the statement and queues what it did.  Returns the number of rows
 * that it concerns.
 */
extern int64 neon_rehearse_write(const NeonWriteTask *task);

/*
 * Bytes that the rehearsal of a statement takes, and how many may be sent
 * together: the request must not exceed what the endpoint takes.
 */
#define NEON_TOGETHER_BYTES	(512 * 1024)
extern Size neon_rehearsal_size(const NeonWriteTask *task);

/*
 * As neon_rehearse_write(), for statements (NeonWriteTask) of one user mapping by one request,
 * in their order; fills in the rows of each.
 */
extern void neon_rehearse_together(List *tasks, int64 *nrows);

/*
 * Queues the statement without a rehearsal, with a check that it concerns so
 * many rows.
 */
extern void neon_queue_unseen(const NeonWriteTask *task, int64 nrows);

#endif							/* NEON_STATEMENT_REHEARSE_H */
