/*-------------------------------------------------------------------------
 *
 * statement/write.h
 *		The plan node that runs a whole INSERT, UPDATE or DELETE.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_STATEMENT_WRITE_H
#define NEON_STATEMENT_WRITE_H

#include "nodes/plannodes.h"

#include "deparse/write.h"
#include "ship/write.h"
#include "statement/write_plan.h"

/*
 * Makes the node.  varno is the range table index that stands for what comes
 * back, whose entry is returned in *rte.
 *
 * Its parameters (custom_exprs) and target list are as they stand in the
 * query: the caller makes them executable.
 */
extern CustomScan *neon_statement_write(NeonRemoteWrite *write, Index varno,
										RangeTblEntry **rte);

/* What the plan says of a statement in its printed forms. */
extern void neon_write_plan_fill(NeonWritePlan *plan,
								 const NeonRemoteWrite *write,
								 const NeonWriteSql *sql);

extern void neon_statement_write_init(void);

#endif							/* NEON_STATEMENT_WRITE_H */
