/*-------------------------------------------------------------------------
 *
 * scan/together.h
 *		Scans of one statement that are sent as one request.
 *
 * The first scan of a statement that is asked for rows takes along the others
 * on the same server that do not depend on rows of each other.  That is one
 * request instead of several, and, more important, one snapshot: the statement
 * sees no state in which another transaction's changes are there in part.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCAN_TOGETHER_H
#define NEON_SCAN_TOGETHER_H

#include "scan/state.h"

/*
 * Notes a scan that was prepared, and whose rows another scan of the statement
 * may ask for.
 */
extern void neon_together_add(NeonScanState *scan, ScanState *node);

/*
 * Sends a scan's query, as of command cid, together with those of other scans
 * of its statement, which get their parts; the scan's own part is returned.
 * NULL if there is nothing to take along: then the query was not sent.
 *
 * Also starts what will be read from other servers.
 */
extern NeonPart *neon_together_send(EState *estate, Plan *plan,
									UserMapping *user, CommandId cid,
									const NeonQuery *query, NeonStats *stats);

#endif							/* NEON_SCAN_TOGETHER_H */
