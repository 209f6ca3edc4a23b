/*-------------------------------------------------------------------------
 *
 * ship/multi_assign.h
 *		SET (a, b) = (SELECT ...) as assignments to single columns.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SHIP_MULTI_ASSIGN_H
#define NEON_SHIP_MULTI_ASSIGN_H

#include "nodes/parsenodes.h"

/*
 * Returns the query if it assigns to no list of columns from a SELECT, else a
 * copy in which each of these columns is assigned one of the SELECT: "a =
 * (SELECT x FROM (SELECT x, y ...) s), b = (SELECT y FROM ...)".  Both mean
 * the same unless the SELECT is volatile, which is not shippable anyway.
 */
extern Query *neon_single_assignments(Query *query);

#endif							/* NEON_SHIP_MULTI_ASSIGN_H */
