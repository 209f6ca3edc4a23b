/*-------------------------------------------------------------------------
 *
 * deparse/query.h
 *		Print a whole query for the remote.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_DEPARSE_QUERY_H
#define NEON_DEPARSE_QUERY_H

#include "deparse/deparse.h"
#include "ship/query.h"

/*
 * Appends the text of a query that neon_remote_query() accepted; the query is
 * not changed.
 */
extern void neon_sql_append_query(NeonRemoteSql *sql, Query *query);

/*
 * neon_sql_append_expr() for an expression that may contain queries, of tables
 * that are among those of the statement's context.
 */
extern void neon_sql_append_expr_with_queries(NeonRemoteSql *sql, Node *expr);

/*
 * neon_sql_append_query() for a query in whose FROM list the relation target has three more
 * columns, numbered behind its own, which identify a row and its version.
 * The version of a row that this transaction has written is 'own'.
 */
#define NEON_ROW_CTID(columns)		((columns)->natts + 1)
#define NEON_ROW_TABLEOID(columns)	((columns)->natts + 2)
#define NEON_ROW_VERSION(columns)	((columns)->natts + 3)

#define NEON_VERSION_SQL \
	"CASE WHEN age(xmin) <= 0 THEN 'own'" \
	" ELSE tableoid::text || ctid::text || xmin::text END"

extern void neon_sql_append_source(NeonRemoteSql *sql, Query *query,
								   Index target);

#endif							/* NEON_DEPARSE_QUERY_H */
