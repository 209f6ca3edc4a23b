/*-------------------------------------------------------------------------
 *
 * modify/routed_defaults.h
 *		DEFAULT in rows that are routed to a foreign partition.
 *
 * The planner does not know which partition gets a row, and may not even have
 * opened one of ours: then this library is loaded only when the first row
 * comes, after the statement was planned without it.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_MODIFY_ROUTED_DEFAULTS_H
#define NEON_MODIFY_ROUTED_DEFAULTS_H

#include "nodes/execnodes.h"
#include "nodes/plannodes.h"

#include "modify/state.h"

/*
 * Marks NULLs in the plan of a statement that writes to a partitioned table:
 * what does not stand for DEFAULT by now is NULL.
 */
extern void neon_settle_nulls(PlannedStmt *stmt);

/*
 * Rows that an UPDATE moves to a table do not send the columns that it sets to
 * DEFAULT.  Throws if that cannot be told: the statement was planned without
 * this library, or it is a MERGE.
 */
extern void neon_find_routed_defaults(NeonModify *modify,
									  ModifyTableState *mtstate);

#endif							/* NEON_MODIFY_ROUTED_DEFAULTS_H */
