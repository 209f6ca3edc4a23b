/*-------------------------------------------------------------------------
 *
 * scan/explain.h
 *		What EXPLAIN shows of a foreign scan.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCAN_EXPLAIN_H
#define NEON_SCAN_EXPLAIN_H

#include "nodes/execnodes.h"

#include "scan/scan.h"

struct ExplainState;

/*
 * Shows a remote statement of any plan node; exprs are its parameters.
 *
 * VERBOSE shows the remote SQL and the expressions of its parameters.  It
 * never shows their values, for EXPLAIN evaluates nothing.  ANALYZE shows what
 * the requests have cost.
 */
extern void neon_explain_scan(NeonScanState *state, PlanState *node,
							  List *exprs, struct ExplainState *es);

/* Shows what the requests have cost. */
extern void neon_explain_stats(NeonStats *stats, struct ExplainState *es);

extern void neonExplainForeignScan(ForeignScanState *node,
								   struct ExplainState *es);

#endif							/* NEON_SCAN_EXPLAIN_H */
