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
	int			param;			/* executor parameter that holds the array */
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
	Datum	   *values;			/* of the last outer tuple */
} NeonBindKeys;

/*
 * Makes the keys of a bind join from the items of its plan node.  Allocates in
 * the current memory context.
 */
extern NeonBindKeys *neon_bind_keys_init(CustomScanState *parent);

/*
 * Evaluates the keys on the outer or the inner part of econtext's tuple, and
 * combines their hash values.  Keys of the two sides that are equal have the
 * same hash value.  False if one key is null, which equals nothing.  Outer
 * values are kept in econtext's per-tuple memory.
 */
extern bool neon_bind_keys_hash(NeonBindKeys *keys, ExprContext *econtext,
								bool outer, uint32 *hash);

/* A set of different outer keys. */
typedef struct NeonBindKeySet NeonBindKeySet;

/* Makes an empty set, allocated in context. */
extern NeonBindKeySet *neon_bind_set_create(NeonBindKeys *keys,
											MemoryContext context);

/* Adds the outer keys that were hashed last. */
extern void neon_bind_set_add(NeonBindKeySet *set, uint32 hash);

extern int64 neon_bind_set_count(NeonBindKeySet *set);

/* The size of all keys, in bytes. */
extern int64 neon_bind_set_size(NeonBindKeySet *set);

/*
 * Makes an array of count keys, from number first on (the first is 0), for
 * each key column, and sets the column's executor parameter to it.  Keys keep
 * their numbers until another key is added.  Allocates in the current memory
 * context.
 */
extern void neon_bind_set_params(NeonBindKeySet *set, int64 first,
								 int64 count, EState *estate);

#endif							/* NEON_BIND_JOIN_KEY_H */
