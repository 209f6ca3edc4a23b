/*-------------------------------------------------------------------------
 *
 * ship/collation.h
 *		Where does the collation of an expression come from?
 *
 * An expression may run remotely only if every collation in it is that of a
 * remote column (assumed to be what the local column declares), or one that
 * means the same everywhere, or cannot matter.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SHIP_COLLATION_H
#define NEON_SHIP_COLLATION_H

#include "nodes/nodes.h"

/*
 * Where it comes from.  The order matters: the "worse" state of two
 * subexpressions wins.
 */
typedef enum CollateState
{
	COLLATE_NONE,				/* none, or the default of a local value */
	COLLATE_SAFE,				/* that of a remote column, or "C" */
	COLLATE_UNSAFE				/* a local one, or two that conflict */
} CollateState;

typedef struct CollateInfo
{
	CollateState state;
	Oid			collation;
} CollateInfo;

/* Merges what one argument brings into what the others brought. */
extern void neon_collation_merge(CollateInfo *into, CollateInfo from);

/*
 * That of a value computed here.  The remote is told of it (by COLLATE) if it
 * is a portable one, else the remote works under its default.
 */
extern CollateInfo neon_collation_local(Oid collation);

/* That of a node's result, given what its arguments brought. */
extern CollateInfo neon_collation_result(CollateInfo args, Oid collation);

/* True for collations that order alike on every machine. */
extern bool neon_collation_is_portable(Oid collation);

/*
 * True for a RelabelType that stands for COLLATE, which is what the planner
 * makes of a CollateExpr.
 */
extern bool neon_relabels_collation(Node *node);

#endif							/* NEON_SHIP_COLLATION_H */
