/*-------------------------------------------------------------------------
 *
 * statement/write_cte.h
 *		Whole statements that write in WITH.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_STATEMENT_WRITE_CTE_H
#define NEON_STATEMENT_WRITE_CTE_H

#include "nodes/parsenodes.h"

/*
 * Finds the INSERTs, UPDATEs and DELETEs in WITH that can run remotely as
 * whole statements, and puts a query in the place of each, for which a path
 * hook makes the node that runs the statement; changes the query.
 */
extern void neon_mark_writes(Query *query);

/*
 * Throws if an INSERT in WITH can run nowhere else than on the remote;
 * neon_mark_writes() did not find it fit.
 */
extern void neon_refuse_writes(Query *query);

/*
 * Throws if a part of the statement, as it comes from the rewriter, would see
 * what another one has committed already, in autocommit mode.
 */
extern void neon_refuse_early_commits(Query *query);

extern void neon_write_cte_init(void);

#endif							/* NEON_STATEMENT_WRITE_CTE_H */
