/*-------------------------------------------------------------------------
 *
 * plan/scan_statement.h
 *		The remote statement that scans one foreign table.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_SCAN_STATEMENT_H
#define NEON_PLAN_SCAN_STATEMENT_H

#include "deparse/deparse.h"
#include "plan/rel_info.h"

/* Attribute numbers of the columns that the statement returns, in order. */
extern List *neon_scan_columns(RelOptInfo *rel);

/* The statement, with the conditions exprs checked remotely. */
extern NeonRemoteSql *neon_scan_statement(RelOptInfo *rel, List *exprs);

#endif							/* NEON_PLAN_SCAN_STATEMENT_H */
