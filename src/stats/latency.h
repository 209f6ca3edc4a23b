/*-------------------------------------------------------------------------
 *
 * stats/latency.h
 *		A histogram of times, in buckets that are the same everywhere.
 *
 * Four buckets to each power of two: a bucket is at most a quarter wider than
 * the one before, so a percentile is off by an eighth at most.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_STATS_LATENCY_H
#define NEON_STATS_LATENCY_H

/*
 * The first bucket is for less than 2^NEON_LATENCY_FIRST microseconds, the
 * last for 2^NEON_LATENCY_LAST (134 s) and more.
 */
#define NEON_LATENCY_FIRST		6
#define NEON_LATENCY_LAST		27
#define NEON_LATENCY_BUCKETS	((NEON_LATENCY_LAST - NEON_LATENCY_FIRST) * 4 + 2)

typedef struct NeonLatency
{
	int64		count;
	int64		total;			/* microseconds */
	int64		max;
	int64		buckets[NEON_LATENCY_BUCKETS];
} NeonLatency;

/* Does not throw. */
extern void neon_latency_add(NeonLatency *latency, int64 microseconds);

/* Adds what others have to a sum. */
extern void neon_latency_sum(NeonLatency *sum, const NeonLatency *latency);

/* Where a bucket ends, in milliseconds; the last one at infinity. */
extern double neon_latency_bound(int bucket);

/*
 * The time, in milliseconds, that this part (from 0 to 1) did not exceed;
 * negative if there are none.
 */
extern double neon_latency_percentile(const NeonLatency *latency, double part);

#endif							/* NEON_STATS_LATENCY_H */
