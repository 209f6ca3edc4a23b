/*-------------------------------------------------------------------------
 *
 * plan/scan_items.h
 *		What the plan of a foreign scan hands to its execution.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_SCAN_ITEMS_H
#define NEON_PLAN_SCAN_ITEMS_H

/* Items of ForeignScan.fdw_private. */
enum NeonScanItem
{
	NEON_SCAN_SQL,				/* String: the remote statement */
	NEON_SCAN_COLUMNS,			/* integer List: attribute numbers that it
								 * returns */
	NEON_SCAN_TABLE,			/* List, see below, of a scan that may be
								 * divided (see scan/pieces.h); NIL of any
								 * other */
	NEON_SCAN_USER,				/* OID List: the user to read as, InvalidOid:
								 * the current one */
	NEON_SCAN_RELATIONS			/* only if there is no scan relation: String,
								 * what EXPLAIN shows in its place */
};

/* Items of NEON_SCAN_TABLE. */
enum NeonScanTableItem
{
	NEON_SCAN_TABLE_NAME,		/* String: remote, quoted and qualified */
	NEON_SCAN_TABLE_HAS_WHERE,	/* Boolean: has the statement a WHERE clause? */
	NEON_SCAN_TABLE_UNSORTED,	/* only if it is sorted: String, the statement
								 * without its ORDER BY */
	NEON_SCAN_TABLE_ORDER		/* and List, of a list for each sort key */
};

/* Items of a sort key, an OID List. */
enum NeonScanKeyItem
{
	NEON_SCAN_KEY_COLUMN,		/* attribute number of the scan tuple */
	NEON_SCAN_KEY_OPERATOR,
	NEON_SCAN_KEY_COLLATION,
	NEON_SCAN_KEY_NULLS_FIRST	/* 0 or 1 */
};

#endif							/* NEON_PLAN_SCAN_ITEMS_H */
