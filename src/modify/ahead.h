/*-------------------------------------------------------------------------
 *
 * modify/ahead.h
 *		INSERT and UPDATE of rows that are wanted back, by few requests.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_MODIFY_AHEAD_H
#define NEON_MODIFY_AHEAD_H

#include "nodes/execnodes.h"

struct NeonModify;

typedef struct NeonAhead NeonAhead;

/*
 * Runs the plan below an INSERT or UPDATE ahead of it from now on.  NULL if
 * rows must be written one after the other, or are not wanted back.
 */
extern NeonAhead *neon_ahead_begin(struct NeonModify *modify,
								   ModifyTableState *mtstate,
								   ResultRelInfo *result);

/*
 * Has the next row inserted, together with those behind it, and fills slot
 * with what became of it.  False if it must be inserted by itself.
 */
extern bool neon_ahead_insert(NeonAhead *ahead, TupleTableSlot *slot);

/*
 * The same for an UPDATE.  False if the row is not changed, because the plan
 * has brought it before.
 */
extern bool neon_ahead_update(NeonAhead *ahead, ResultRelInfo *result,
							  TupleTableSlot *slot);

#endif							/* NEON_MODIFY_AHEAD_H */
