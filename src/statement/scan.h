/*-------------------------------------------------------------------------
 *
 * statement/scan.h
 *		The plan node that runs a remote query.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_STATEMENT_SCAN_H
#define NEON_STATEMENT_SCAN_H

#include "nodes/plannodes.h"

#include "ship/query.h"

/*
 * Makes a scan node for query, which neon_remote_query() accepted as remote.
 * The node's rows have the columns of the query's target list, for which varno
 * is the range table index in EXPLAIN.
 *
 * The parameters (custom_exprs) are as they stand in the query: the caller
 * makes them executable.
 */
extern CustomScan *neon_statement_scan(NeonRemoteQuery *remote, Query *query,
									   Index varno);

extern void neon_statement_scan_init(void);

#endif							/* NEON_STATEMENT_SCAN_H */
