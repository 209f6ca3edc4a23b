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
 * Where the collation of an expression comes from.  The order matters: of two
 * subexpressions the higher state wins.
 */
typedef enum CollateState
{
	COLLATE_NONE,				/* none, or a local value's default */
	COLLATE_SAFE,				/* a remote column's, or "C" */
	COLLATE_UNSAFE				/* a local collation, or two that conflict */
} CollateState;

typedef struct CollateInfo
{
	CollateState state;
	Oid			collation;
} CollateInfo;

/* Merges the collation of one argument into that of the others. */
extern void neon_collation_merge(CollateInfo *into, CollateInfo from);

/*
 * The collation that a value computed here brings.  A portable collation is
 * printed (as COLLATE); under any other the remote would use its default.
 */
extern CollateInfo neon_collation_local(Oid collation);

/* The collation of a node's result, given that of its arguments. */
extern CollateInfo neon_collation_result(CollateInfo args, Oid collation);

/* True if the collation orders text alike on every machine. */
extern bool neon_collation_is_portable(Oid collation);

/*
 * True for a RelabelType that stands for COLLATE: the planner turns each
 * CollateExpr into one.
 */
extern bool neon_relabels_collation(Node *node);

#endif							/* NEON_SHIP_COLLATION_H */
