/*-------------------------------------------------------------------------
 *
 * statement/planner_hook.h
 *		Statements that run remotely as a whole.
 *
 * The folder statement/ plans and executes whole statements, and whole
 * subqueries of other statements, that live on one server.  It may call all
 * folders below it: ship/ judges, deparse/ prints, transaction/ sends, scan/
 * reads the reply.  It promises upwards (to PostgreSQL) that such a plan
 * checks permissions, is invalidated, and returns rows, counts and command
 * tags as the plan of local tables would.
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
 * Installs the hooks and registers the plan nodes.  A statement that is
 * planned before the library is loaded does not come here, so the library
 * should be preloaded.
 */
extern void neon_statement_init(void);

#endif							/* NEON_STATEMENT_PLANNER_HOOK_H */
