/*-------------------------------------------------------------------------
 *
 * bind_join/explain.h
 *		What EXPLAIN shows of a bind join.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_BIND_JOIN_EXPLAIN_H
#define NEON_BIND_JOIN_EXPLAIN_H

#include "nodes/execnodes.h"

struct ExplainState;

/* CustomExecMethods.ExplainCustomScan */
extern void neon_bind_explain(CustomScanState *node, List *ancestors,
							  struct ExplainState *es);

#endif							/* NEON_BIND_JOIN_EXPLAIN_H */
