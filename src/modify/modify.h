/*-------------------------------------------------------------------------
 *
 * modify/modify.h
 *		Writing to a foreign table row by row.
 *
 * The folder modify/ executes the writes that do not run on the remote as a
 * whole: the executor hands over one row after the other.  It may call
 * transaction/ to rehearse and queue statements, scan/ to read rows that come
 * back, and what lies below these.  It promises that many rows travel by one
 * statement; that a row is changed only if it still is the one that was read;
 * and that a row which RETURNING or a trigger has seen is committed as it was
 * seen.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_MODIFY_MODIFY_H
#define NEON_MODIFY_MODIFY_H

#include "nodes/execnodes.h"

struct ExplainState;

/* Callbacks of a table that is named as the target. */
extern void neonBeginForeignModify(ModifyTableState *mtstate,
								   ResultRelInfo *result, List *private,
								   int subplan_index, int eflags);
extern TupleTableSlot *neonExecForeignInsert(EState *estate,
											 ResultRelInfo *result,
											 TupleTableSlot *slot,
											 TupleTableSlot *plan_slot);
extern TupleTableSlot **neonExecForeignBatchInsert(EState *estate,
												   ResultRelInfo *result,
												   TupleTableSlot **slots,
												   TupleTableSlot **plan_slots,
												   int *nslots);
extern int	neonGetForeignModifyBatchSize(ResultRelInfo *result);
extern TupleTableSlot *neonExecForeignUpdate(EState *estate,
											 ResultRelInfo *result,
											 TupleTableSlot *slot,
											 TupleTableSlot *plan_slot);
extern TupleTableSlot *neonExecForeignDelete(EState *estate,
											 ResultRelInfo *result,
											 TupleTableSlot *slot,
											 TupleTableSlot *plan_slot);
extern void neonEndForeignModify(EState *estate, ResultRelInfo *result);
extern void neonExplainForeignModify(ModifyTableState *mtstate,
									 ResultRelInfo *result, List *private,
									 int subplan_index,
									 struct ExplainState *es);

/* Callbacks of a table that rows are routed to, by COPY or from a parent. */
extern void neonBeginForeignInsert(ModifyTableState *mtstate,
								   ResultRelInfo *result);
extern void neonEndForeignInsert(EState *estate, ResultRelInfo *result);

#endif							/* NEON_MODIFY_MODIFY_H */
