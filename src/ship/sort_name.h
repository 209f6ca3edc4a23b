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

#include "nodes/parsenodes.h"

#include "ship/expression.h"

/* True if the printed query would sort by something else. */
extern bool neon_is_sort_ambiguous(NeonShipContext *ship, Query *query);

/*
 * Renames the output columns that would be taken for a sorted column of the
 * only table.  For a query of the top level, with remote names.
 */
extern void neon_free_sort_names(Query *query);

#endif							/* NEON_SHIP_SORT_NAME_H */
