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

/*
 * True if rows of the statement may have to be fetched again one by one
 * (EvalPlanQual), which a remote query cannot do.
 */
extern bool neon_may_be_rechecked(Query *query);

/*
 * Adds the relations that the query reads or writes to the query that stands
 * in its place while the planner works, for permission checks and locks.
 */
extern void neon_add_relations(Query *stand_in, Query *query);

extern void neon_subquery_init(void);

#endif							/* NEON_STATEMENT_SUBQUERY_H */
