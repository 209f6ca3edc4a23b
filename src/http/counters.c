/*-------------------------------------------------------------------------
 *
 * http/counters.c
 *		Counts requests when they end.
 *
 * Counting allocates nothing, because it is done whenever a request ends,
 * also while an error is being handled.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "http/counters.h"

/*
 * Each time that libcurl sent a request again by itself, because the endpoint
 * had closed the connection, it did so over another one.
 */
static void
add_traffic(NeonTraffic *traffic, const NeonTrace *trace)
{
	if (trace->reused)
		traffic->reused += trace->attempts;
	else if (trace->connected > 0)
	{
		traffic->connects++;
		traffic->reused += Max(trace->attempts - 1, 0);
	}
	traffic->bytes_sent += trace->bytes_sent;
	traffic->bytes_received += trace->bytes_received;
}

static void
add_request(NeonTotals *totals, const void *arg)
{
	const NeonTrace *trace = arg;

	totals->requests[trace->purpose] += trace->attempts;
	if (trace->attempts == 0)
		totals->unsent++;
	else if (!trace->complete)
		totals->incomplete++;
	add_traffic(&totals->traffic, trace);
	if (trace->replied > 0)
		neon_latency_add(&totals->latency, trace->replied);
}

void
neon_count_request(NeonTraffic *connection, NeonTotalsRef *totals,
				   const NeonTrace *trace)
{
	add_traffic(connection, trace);
	neon_totals_change(totals, add_request, trace);
}
