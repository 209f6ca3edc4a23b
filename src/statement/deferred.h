/*-------------------------------------------------------------------------
 *
 * statement/deferred.h
 *		Writes whose outcome nobody waits for yet.
 *
 * In a pipeline the client waits for the outcome of all statements together.
 * An INSERT of VALUES then waits here, with those that follow it, until the
 * client's Sync or Flush, and all of them are rehearsed as one.  With
 * neon_http_fdw.write_errors = commit it waits for the commit.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_STATEMENT_DEFERRED_H
#define NEON_STATEMENT_DEFERRED_H

#include "nodes/execnodes.h"

#include "statement/rehearse.h"

/*
 * Takes a statement over if it may wait, or if others that wait are rehearsed
 * together with it now.  The number of rows that it concerns goes to *nrows.
 */
extern bool neon_defer_write(const NeonWriteTask *task, EState *estate,
							 int64 *nrows);

#endif							/* NEON_STATEMENT_DEFERRED_H */
