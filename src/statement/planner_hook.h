/*-------------------------------------------------------------------------
 *
 * statement/planner_hook.h
 *		Statements that run remotely as a whole.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_STATEMENT_PLANNER_HOOK_H
#define NEON_STATEMENT_PLANNER_HOOK_H

#include "nodes/plannodes.h"

/* GUC neon_http_fdw.statement_pushdown */
extern bool neon_statement_pushdown;

/*
 * Installs the planner hook and registers the scan node.  The hook sees a
 * statement only if the library is loaded before it is planned: preload it.
 */
extern void neon_statement_init(void);

#endif							/* NEON_STATEMENT_PLANNER_HOOK_H */
