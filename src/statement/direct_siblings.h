/*-------------------------------------------------------------------------
 *
 * statement/direct_siblings.h
 *		The children that one execution of a statement changes directly.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_STATEMENT_DIRECT_SIBLINGS_H
#define NEON_STATEMENT_DIRECT_SIBLINGS_H

#include "nodes/execnodes.h"

/* Adds a node to those of its statement's execution. */
extern void neon_direct_add(ForeignScanState *node);

/* These nodes, in the order of the plan. */
extern List *neon_direct_nodes(EState *estate);

#endif							/* NEON_STATEMENT_DIRECT_SIBLINGS_H */
