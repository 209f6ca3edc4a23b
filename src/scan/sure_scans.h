/*-------------------------------------------------------------------------
 *
 * scan/sure_scans.h
 *		Which nodes of a running plan will be asked for rows?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCAN_SURE_SCANS_H
#define NEON_SCAN_SURE_SCANS_H

#include "nodes/plannodes.h"

/*
 * The foreign and custom scans (Plans) of a statement that will be asked for
 * rows now that one of them, asking, is.  Plans cannot show everything: an
 * inner side of a join is among them, though it is not read if the outer side
 * turns out to be empty.  The list is in the order in which the rows are best
 * received: a side that a join keeps in memory is in front of the other one.
 */
extern List *neon_sure_scans(PlannedStmt *stmt, Plan *asking);

#endif							/* NEON_SCAN_SURE_SCANS_H */
