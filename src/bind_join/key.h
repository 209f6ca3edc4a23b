/*-------------------------------------------------------------------------
 *
 * bind_join/key.h
 *		Keys of a bind join: what the rows of both sides have in common.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_BIND_JOIN_KEY_H
#define NEON_BIND_JOIN_KEY_H

#include "nodes/execnodes.h"

/* One key column. */
typedef struct NeonBindKeyState
{
	ExprState  *outer;
	ExprState  *inner;
	FmgrInfo	outer_hash;
	FmgrInfo	inner_hash;
	FmgrInfo	outer_equal;	/* between two outer values */
	Oid			collation;
	int			param;			/* internal parameter for the array */
	Oid			array_type;
	Oid			type;			/* of the outer values */
	int16		typlen;
	bool		typbyval;
	char		typalign;
} NeonBindKeyState;

/* All key columns of a join. */
typedef struct NeonBindKeys
{
	int			count;
	NeonBindKeyState *columns;
	Datum	   *values;			/* those of the last outer tuple */
} NeonBindKeys;

/*
 * From the plan node of the parent, whose expressions they are.  Allocates
 * in the current memory context.
 */
extern NeonBindKeys *neon_bind_keys_init(CustomScanState *parent);

/*
 * Evaluates the keys in econtext, of the outer or the inner part of its
 * tuple, and combines their hash values: keys that are equal across the
 * sides have the same.  False if one is null, which equals nothing.  Uses
 * econtext's per-tuple memory; so do the outer values.
 */
extern bool neon_bind_keys_hash(NeonBindKeys *keys, ExprContext *econtext,
								bool outer, uint32 *hash);

/* A set of different outer keys. */
typedef struct NeonBindKeySet NeonBindKeySet;

/* Allocates in context, which goes with it. */
extern NeonBindKeySet *neon_bind_set_create(NeonBindKeys *keys,
											MemoryContext context);

/* Adds the keys that were hashed last. */
extern void neon_bind_set_add(NeonBindKeySet *set, uint32 hash);

extern int64 neon_bind_set_count(NeonBindKeySet *set);

/* Bytes of their values. */
extern int64 neon_bind_set_size(NeonBindKeySet *set);

/*
 * Makes an array of each key column the value of its internal parameter: for
 * count keys from first on (from 0), in an order that lasts until another is
 * added.  Allocates in the current memory context.
 */
extern void neon_bind_set_params(NeonBindKeySet *set, int64 first,
								 int64 count, EState *estate);

#endif							/* NEON_BIND_JOIN_KEY_H */
