/*-------------------------------------------------------------------------
 *
 * statement/direct.h
 *		Execution of the change of one child as a whole statement.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_STATEMENT_DIRECT_H
#define NEON_STATEMENT_DIRECT_H

#include "nodes/execnodes.h"

struct ExplainState;

/* Callbacks of a node that neonPlanDirectModify() has made. */
extern void neonBeginDirectModify(ForeignScanState *node, int eflags);
extern TupleTableSlot *neonIterateDirectModify(ForeignScanState *node);
extern void neonEndDirectModify(ForeignScanState *node);
extern void neonExplainDirectModify(ForeignScanState *node,
									struct ExplainState *es);

#endif							/* NEON_STATEMENT_DIRECT_H */
