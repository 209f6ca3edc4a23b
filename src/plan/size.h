/*-------------------------------------------------------------------------
 *
 * plan/size.h
 *		Sizes of foreign tables that were never analyzed.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_SIZE_H
#define NEON_PLAN_SIZE_H

#include "nodes/pathnodes.h"

#include "plan/rel_info.h"

/*
 * Sets pages and tuples of a foreign table that was never analyzed.  May send
 * a request, whose failure is ignored.
 */
extern void neon_plan_size(PlannerInfo *root, RelOptInfo *rel, Oid relid,
						   NeonRelInfo *info);

/* Installs the hook that sees whether a statement is only explained. */
extern void neon_plan_size_init(void);

#endif							/* NEON_PLAN_SIZE_H */
