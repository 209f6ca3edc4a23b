/*-------------------------------------------------------------------------
 *
 * statement/subquery.h
 *		Subqueries and CTEs that run remotely as a whole, in statements that
 *		do not.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_STATEMENT_SUBQUERY_H
#define NEON_STATEMENT_SUBQUERY_H

#include "nodes/parsenodes.h"

/*
 * Finds the outermost subqueries, CTEs and sublinks of a query that can run
 * remotely as a whole and that the planner would not merge into the query
 * around them, and marks them; changes the query.  While the planner works, a
 * path hook offers to run each marked one in one request.
 */
extern void neon_mark_subqueries(Query *query);

extern void neon_subquery_init(void);

#endif							/* NEON_STATEMENT_SUBQUERY_H */
