/*-------------------------------------------------------------------------
 *
 * modify/ahead.h
 *		INSERT ... RETURNING of many rows by few requests.
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
 * From now on the plan below an INSERT is run ahead of it.  NULL if the rows
 * to be inserted are not those of the plan.
 */
extern NeonAhead *neon_ahead_begin(struct NeonModify *modify,
								   ModifyTableState *mtstate,
								   ResultRelInfo *result);

/*
 * Has the next row inserted, together with those behind it, and fills slot
 * with what became of it.  False if it must be inserted by itself.
 */
extern bool neon_ahead_insert(NeonAhead *ahead, TupleTableSlot *slot);

#endif							/* NEON_MODIFY_AHEAD_H */
