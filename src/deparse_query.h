/*-------------------------------------------------------------------------
 *
 * deparse_query.h
 *		Print a whole query for the remote.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_DEPARSE_QUERY_H
#define NEON_DEPARSE_QUERY_H

#include "deparse.h"
#include "shippable_query.h"

/*
 * The most parameters that a statement may have: the wire protocol between
 * the endpoint and PostgreSQL counts them in 16 bits.
 */
#define NEON_MAX_PARAMS		65535

/*
 * Appends the text of a query that neon_remote_query() accepted; the query is
 * not changed.
 */
extern void neon_sql_append_query(NeonRemoteSql *sql, Query *query);

#endif							/* NEON_DEPARSE_QUERY_H */
