/*-------------------------------------------------------------------------
 *
 * schema/reservoir.h
 *		A random sample of fixed size from rows that come one by one.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCHEMA_RESERVOIR_H
#define NEON_SCHEMA_RESERVOIR_H

#include "access/htup.h"
#include "utils/sampling.h"

typedef struct NeonReservoir
{
	HeapTuple  *rows;
	int			target;			/* places in rows */
	int			filled;			/* of them */
	double		seen;			/* rows so far */
	double		skip;			/* rows to leave out before the next, < 0: not
								 * decided yet */
	ReservoirStateData state;
} NeonReservoir;

extern void neon_reservoir_init(NeonReservoir *reservoir, HeapTuple *rows,
								int target);

/* Counts one more row: the place that it is to have, -1 for none. */
extern int	neon_reservoir_next(NeonReservoir *reservoir);

/* Puts a row there; frees the one that had the place before. */
extern void neon_reservoir_put(NeonReservoir *reservoir, int place,
							   HeapTuple row);

#endif							/* NEON_SCHEMA_RESERVOIR_H */
