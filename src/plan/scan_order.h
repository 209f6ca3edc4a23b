/*-------------------------------------------------------------------------
 *
 * plan/scan_order.h
 *		How the rows of a sorted scan can be sorted here.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_SCAN_ORDER_H
#define NEON_PLAN_SCAN_ORDER_H

#include "deparse/rel.h"

/*
 * NEON_SCAN_TABLE_ORDER for NeonSortKeys: of the scan of a table, which returns
 * these columns, or of a statement, which returns those of a target list.  NIL
 * if a key is not simply one of them.
 */
extern List *neon_scan_order_of_table(List *keys, Index relid, List *columns);
extern List *neon_scan_order_of_tlist(List *keys, List *tlist);

#endif							/* NEON_PLAN_SCAN_ORDER_H */
