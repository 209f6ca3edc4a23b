/*-------------------------------------------------------------------------
 *
 * stats/latency.c
 *		A histogram of times, in buckets that are the same everywhere.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "port/pg_bitutils.h"
#include "utils/float.h"

#include "stats/latency.h"

static int
bucket_of(int64 microseconds)
{
	int			power;
	int			quarter;

	if (microseconds < (INT64CONST(1) << NEON_LATENCY_FIRST))
		return 0;
	power = pg_leftmost_one_pos64(microseconds);
	if (power >= NEON_LATENCY_LAST)
		return NEON_LATENCY_BUCKETS - 1;
	quarter = (int) (microseconds >> (power - 2)) & 3;
	return 1 + (power - NEON_LATENCY_FIRST) * 4 + quarter;
}

/* Where a bucket that is not the last one ends, in microseconds. */
static int64
bucket_end(int bucket)
{
	int			power = NEON_LATENCY_FIRST + (bucket - 1) / 4;
	int			quarter = (bucket - 1) % 4;

	if (bucket == 0)
		return INT64CONST(1) << NEON_LATENCY_FIRST;
	return (int64) (5 + quarter) << (power - 2);
}

void
neon_latency_add(NeonLatency *latency, int64 microseconds)
{
	microseconds = Max(microseconds, 0);
	latency->count++;
	latency->total += microseconds;
	latency->max = Max(latency->max, microseconds);
	latency->buckets[bucket_of(microseconds)]++;
}

void
neon_latency_sum(NeonLatency *sum, const NeonLatency *latency)
{
	sum->count += latency->count;
	sum->total += latency->total;
	sum->max = Max(sum->max, latency->max);
	for (int i = 0; i < NEON_LATENCY_BUCKETS; i++)
		sum->buckets[i] += latency->buckets[i];
}

double
neon_latency_bound(int bucket)
{
	return bucket == NEON_LATENCY_BUCKETS - 1 ? get_float8_infinity() :
		bucket_end(bucket) / 1000.0;
}

/*
 * Within a bucket the times are taken to be spread evenly; none is longer than
 * the longest.
 */
double
neon_latency_percentile(const NeonLatency *latency, double part)
{
	int64		wanted = (int64) Max(ceil(part * latency->count), 1);
	int64		before = 0;
	double		from;
	double		to;
	int			i;

	if (latency->count == 0)
		return -1;
	for (i = 0; i < NEON_LATENCY_BUCKETS - 1; i++)
	{
		if (before + latency->buckets[i] >= wanted)
			break;
		before += latency->buckets[i];
	}
	from = i == 0 ? 0 : bucket_end(i - 1);
	to = i == NEON_LATENCY_BUCKETS - 1 ? latency->max : bucket_end(i);
	to = Min(to, latency->max);
	return (from + Max(to - from, 0) * (wanted - before) /
			Max(latency->buckets[i], 1)) / 1000.0;
}
