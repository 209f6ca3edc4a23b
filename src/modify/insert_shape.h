/*-------------------------------------------------------------------------
 *
 * modify/insert_shape.h
 *		Which columns of a row an INSERT sends.
 *
 * Columns that are not sent get what the remote makes of them: a default, the
 * next number of a sequence.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_MODIFY_INSERT_SHAPE_H
#define NEON_MODIFY_INSERT_SHAPE_H

#include "modify/state.h"

/* Is the column one that a statement can write, no dropped or generated one? */
extern bool neon_is_written_column(Form_pg_attribute attr);

/*
 * Finds out which columns are sent in any case: those of planned, or all.  If
 * planned is NIL, those that the statement names.
 */
extern void neon_insert_require(NeonModify *modify, EState *estate,
								ResultRelInfo *result, List *planned,
								bool all_columns);

/* Finds out where the plan tells which columns of a row are DEFAULT. */
extern void neon_insert_find_defaults(NeonModify *modify,
									  ResultRelInfo *result, Plan *plan);

/*
 * The columns that are sent of a row (see modify/rows.h).  plan_slot has the
 * plan's row that it was made of, NULL if there is no plan.
 */
extern List *neon_insert_shape(NeonModify *modify, TupleTableSlot *slot,
							   TupleTableSlot *plan_slot);

/* The same before anything is known of the row but plan_slot. */
extern List *neon_insert_planned_shape(NeonModify *modify,
									   TupleTableSlot *plan_slot);

#endif							/* NEON_MODIFY_INSERT_SHAPE_H */
