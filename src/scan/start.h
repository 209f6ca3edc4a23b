/*-------------------------------------------------------------------------
 *
 * scan/start.h
 *		The request of one scan.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCAN_START_H
#define NEON_SCAN_START_H

#include "scan/state.h"

/*
 * Sets the query of this run of the scan: its parameters are computed in
 * econtext.
 */
extern void neon_scan_fill_query(NeonScanState *state, ExprContext *econtext);

/*
 * May the scan's server be sent another request while some are on their way,
 * and so many more are about to be?
 */
extern bool neon_scan_may_send(const NeonScanState *state, int more);

/* Sends that query as a request of its own. */
extern void neon_scan_send_alone(NeonScanState *state);

#endif							/* NEON_SCAN_START_H */
