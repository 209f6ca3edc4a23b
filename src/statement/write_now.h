/*-------------------------------------------------------------------------
 *
 * statement/write_now.h
 *		A whole statement that writes and is committed at once.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_STATEMENT_WRITE_NOW_H
#define NEON_STATEMENT_WRITE_NOW_H

#include "statement/rehearse.h"

/*
 * Might a row that the remote returns fail here, or on its way to the client?
 * Then the statement is rehearsed, so that this comes before the commit.
 */
extern bool neon_returned_may_fail(const NeonWritePlan *plan);

/*
 * Runs the statement and commits it.  Returns the number of rows that it
 * concerns.
 */
extern int64 neon_run_write(const NeonWriteTask *task);

#endif							/* NEON_STATEMENT_WRITE_NOW_H */
