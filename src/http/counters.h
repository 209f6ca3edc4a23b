/*-------------------------------------------------------------------------
 *
 * http/counters.h
 *		Counts requests when they end.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_HTTP_COUNTERS_H
#define NEON_HTTP_COUNTERS_H

#include "http/trace.h"
#include "stats/totals.h"

/*
 * Counts a request that has ended, for its connection and in the totals.  Does
 * not throw.
 */
extern void neon_count_request(NeonTraffic *connection, NeonTotalsRef *totals,
							   const NeonTrace *trace);

#endif							/* NEON_HTTP_COUNTERS_H */
