/*-------------------------------------------------------------------------
 *
 * modify/begin.h
 *		What a statement needs to write to a foreign table row by row.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_MODIFY_BEGIN_H
#define NEON_MODIFY_BEGIN_H

#include "modify/state.h"

/*
 * Looks up what the statement does to the table, as far as EXPLAIN shows it.
 * private is the plan's list (see modify/plan.h), NIL for a table that rows
 * are routed to.  all_columns: an INSERT sends every column.
 */
extern NeonModify *neon_modify_begin(EState *estate, ResultRelInfo *result,
									 CmdType operation, List *private,
									 bool all_columns);

/* Prepares the execution of what neon_modify_begin() has looked up. */
extern void neon_modify_start(NeonModify *modify, EState *estate,
							  ResultRelInfo *result);

/* UPDATE and DELETE: finds the columns of subplan that identify a row. */
extern void neon_modify_find_rows(NeonModify *modify, Plan *subplan);

#endif							/* NEON_MODIFY_BEGIN_H */
