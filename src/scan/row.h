/*-------------------------------------------------------------------------
 *
 * scan/row.h
 *		Text cells of a reply to Datums.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCAN_ROW_H
#define NEON_SCAN_ROW_H

#include "executor/tuptable.h"

#include "json/response.h"

typedef struct NeonRowFormat NeonRowFormat;

/*
 * Prepares the conversion of rows whose n-th cell is the column attnums[n-1]
 * of desc.  The system columns ctid, xmin and NEON_TABLEOID_ATTRIBUTE are
 * allowed; they are stored in the tuple's header.  For error contexts, relname
 * names the table; for the result of a query it is NULL, and targets are the
 * TargetEntries of desc.  Allocates in the current memory context; desc and
 * relname must live as long.
 */
extern NeonRowFormat *neon_row_format(TupleDesc desc, List *attnums,
									  const char *relname, List *targets);

/*
 * Converts a row and stores it in slot (cleared before; columns that were not
 * retrieved are null).  Values are allocated in the current memory context,
 * which must live as long as the slot's content.
 */
extern void neon_row_store(NeonRowFormat *format, const NeonRow *row,
						   TupleTableSlot *slot);

#endif							/* NEON_SCAN_ROW_H */
