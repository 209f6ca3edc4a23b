/*-------------------------------------------------------------------------
 *
 * scan/siblings.h
 *		Nodes of one execution of a statement, which do not know each other.
 *
 * The executor does not tell a node which others there are.  So those that can
 * be sent together are listed, as long as the memory of the execution lives.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCAN_SIBLINGS_H
#define NEON_SCAN_SIBLINGS_H

#include "nodes/execnodes.h"

/* Those of a kind are sent together. */
typedef enum NeonSiblingKind
{
	NEON_SIBLING_SCAN,			/* reads */
	NEON_SIBLING_CHANGE,		/* changes a child of the target table */
	NEON_SIBLING_PART			/* is a part of the statement that writes */
} NeonSiblingKind;

#define NEON_SIBLING_KINDS	(NEON_SIBLING_PART + 1)

/* Adds something that stands for a node to those of the execution. */
extern void neon_sibling_add(EState *estate, NeonSiblingKind kind,
							 void *node);

/* What was added, in that order. */
extern List *neon_siblings(EState *estate, NeonSiblingKind kind);

/*
 * Do expressions (ExprStates) depend on what other nodes have computed?  If
 * not, their values are known before the node is asked for rows.
 */
extern bool neon_depends_on_siblings(List *exprs);

#endif							/* NEON_SCAN_SIBLINGS_H */
