/*-------------------------------------------------------------------------
 *
 * ship/target.h
 *		May the remote write to this table all by itself?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SHIP_TARGET_H
#define NEON_SHIP_TARGET_H

#include "nodes/parsenodes.h"
#include "utils/rel.h"

/* Is the target of a statement a foreign table of ours? */
extern bool neon_is_own_target(RangeTblEntry *rte);

/* The columns that a target list sets, as an integer List of their numbers. */
extern List *neon_target_columns(List *targets);

/*
 * Does the statement concern nothing but its target, a table of ours?  Not if
 * triggers fire here, if the table has children, or if a row may leave the
 * partition that the table is.
 */
extern bool neon_is_target_shippable(Query *query);

/*
 * Is one of these columns, an integer List, a part of what makes a row belong
 * to the partition that the table is?
 */
extern bool neon_decides_partition(Relation rel, List *columns);

#endif							/* NEON_SHIP_TARGET_H */
