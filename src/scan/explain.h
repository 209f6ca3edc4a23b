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
 * For any plan node that runs a remote statement; exprs are the statement's
 * parameters.
 *
 * VERBOSE: the remote SQL and the expressions behind its parameters (never
 * their values: nothing is evaluated).  ANALYZE: what the requests cost.
 */
extern void neon_explain_scan(NeonScanState *state, PlanState *node,
							  List *exprs, struct ExplainState *es);

/* The latter part alone. */
extern void neon_explain_stats(NeonStats *stats, struct ExplainState *es);

extern void neonExplainForeignScan(ForeignScanState *node,
								   struct ExplainState *es);

#endif							/* NEON_SCAN_EXPLAIN_H */
