/*-------------------------------------------------------------------------
 *
 * modify/change.h
 *		Rows that an UPDATE or DELETE changes, as they are sent.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_MODIFY_CHANGE_H
#define NEON_MODIFY_CHANGE_H

#include "modify/state.h"

/* A value that the plan brings along with a row, in a junk column. */
extern Datum neon_junk_value(TupleTableSlot *plan_slot, AttrNumber attnum);

/*
 * Tells where the plan's row was found, and whether the statement has not met
 * that row before.  A join may bring a row more than once: as in PostgreSQL,
 * the first time counts.
 */
extern bool neon_is_first_change(NeonModify *modify,
								 TupleTableSlot *plan_slot,
								 NeonRowPlace *place);

/*
 * The columns that are sent of a changed row (see modify/rows.h): those that
 * the statement names, and others that a trigger has changed.  A column that
 * is as it was is left out, for the remote may not let it be set.
 */
extern List *neon_update_shape(NeonModify *modify, TupleTableSlot *slot,
							   TupleTableSlot *plan_slot);

/*
 * Appends what tells which row is meant, behind the columns of the new values;
 * between neon_row_print_begin() and its end.
 */
extern void neon_append_identity(NeonModify *modify, NeonRows *rows,
								 TupleTableSlot *plan_slot,
								 const NeonRowPlace *place);

/* Appends a changed row: its new values, and which row is meant. */
extern void neon_append_change(NeonModify *modify, NeonRows *rows,
							   TupleTableSlot *slot,
							   TupleTableSlot *plan_slot,
							   const NeonRowPlace *place);

/*
 * Throws if the new row does not belong to its partition any more: PostgreSQL
 * neither moves rows out of foreign tables nor checks them.
 */
extern void neon_check_partition(EState *estate, ResultRelInfo *result,
								 TupleTableSlot *slot);

#endif							/* NEON_MODIFY_CHANGE_H */
