/*-------------------------------------------------------------------------
 *
 * ship/sort_name.h
 *		Names in ORDER BY and DISTINCT ON.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SHIP_SORT_NAME_H
#define NEON_SHIP_SORT_NAME_H

#include "ship/ship.h"

/*
 * True if a name in the printed query's ORDER BY would mean another column
 * than the query sorts by, and neon_free_sort_names() cannot help.
 */
extern bool neon_is_sort_ambiguous(NeonShipContext *ship, Query *query);

/*
 * Renames the output columns that the remote would take for a sorted column
 * of the query's only table.  The query must be that of the top level, and
 * have the remote names already.
 */
extern void neon_free_sort_names(Query *query);

#endif							/* NEON_SHIP_SORT_NAME_H */
