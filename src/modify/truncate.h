/*-------------------------------------------------------------------------
 *
 * modify/truncate.h
 *		TRUNCATE of foreign tables.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_MODIFY_TRUNCATE_H
#define NEON_MODIFY_TRUNCATE_H

#include "nodes/parsenodes.h"

/* Callback: truncates tables of one server. */
extern void neonExecForeignTruncate(List *rels, DropBehavior behavior,
									bool restart_seqs);

#endif							/* NEON_MODIFY_TRUNCATE_H */
