/*-------------------------------------------------------------------------
 *
 * plan/base_rel.h
 *		Sizes and paths of foreign tables.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_BASE_REL_H
#define NEON_PLAN_BASE_REL_H

#include "nodes/pathnodes.h"

/* Callbacks */
extern void neonGetForeignRelSize(PlannerInfo *root, RelOptInfo *rel,
								  Oid relid);
extern void neonGetForeignPaths(PlannerInfo *root, RelOptInfo *rel,
								Oid relid);

/* May a scan be started before its rows are wanted?  Of joins, too. */
extern bool neonIsForeignPathAsyncCapable(ForeignPath *path);

#endif							/* NEON_PLAN_BASE_REL_H */
