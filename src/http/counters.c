/*-------------------------------------------------------------------------
 *
 * http/counters.c
 *		What this session has sent to which server, and what became of it.
 *
 * Counting allocates nothing, because it is done whenever a request ends,
 * also while an error is being handled.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "http/counters.h"

static HTAB *servers = NULL;

NeonServerStats *
neon_stats_of_server(Oid serverid)
{
	NeonServerStats *stats;
	bool		found;

	if (servers == NULL)
	{
		HASHCTL		ctl = {0};

		ctl.keysize = sizeof(Oid);
		ctl.entrysize = sizeof(NeonServerStats);
		ctl.hcxt = TopMemoryContext;
		servers = hash_create("neon server statistics", 8, &ctl,
							  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	stats = hash_search(servers, &serverid, HASH_ENTER, &found);
	if (!found)
	{
		memset(stats, 0, sizeof(NeonServerStats));
		stats->serverid = serverid;
	}
	return stats;
}

List *
neon_stats_list(void)
{
	HASH_SEQ_STATUS scan;
	NeonServerStats *stats;
	List	   *list = NIL;

	if (servers == NULL)
		return NIL;
	hash_seq_init(&scan, servers);
	while ((stats = hash_seq_search(&scan)) != NULL)
		list = lappend(list, stats);
	return list;
}

/*
 * A request that failed before anything was sent counts as one, too.  Each
 * time that libcurl sent a request again by itself, it did so over another
 * connection.
 */
void
neon_traffic_add(NeonTraffic *traffic, const NeonTrace *trace)
{
	int			requests = Max(trace->attempts, 1);

	traffic->requests += requests;
	if (trace->reused)
		traffic->reused += requests;
	else if (trace->connected > 0)
	{
		traffic->connects++;
		traffic->reused += requests - 1;
	}
	traffic->bytes_sent += trace->bytes_sent;
	traffic->bytes_received += trace->bytes_received;
	if (trace->http_version != 0)
		traffic->http_version = trace->http_version;
	if (trace->tls_version[0] != '\0')
		strlcpy(traffic->tls_version, trace->tls_version,
				sizeof(traffic->tls_version));
}

/*
 * A request over a connection that was closed by the endpoint is sent again by
 * libcurl over another one.
 */
static void
add_request(NeonTotals *totals, const NeonTrace *trace)
{
	totals->requests[trace->purpose] += trace->attempts;
	totals->bytes_sent += trace->bytes_sent;
	totals->bytes_received += trace->bytes_received;
	if (trace->reused)
		totals->reused += trace->attempts;
	else if (trace->connected > 0)
	{
		totals->connects++;
		totals->reused += Max(trace->attempts - 1, 0);
	}
	if (trace->attempts == 0)
		totals->unsent++;
	else if (!trace->complete)
		totals->incomplete++;
	if (trace->replied > 0)
		neon_latency_add(&totals->latency, trace->replied);
}

void
neon_totals_request(NeonTotalsRef *ref, const NeonTrace *trace)
{
	NeonTotals *totals = neon_totals_lock(ref);

	if (totals == NULL)
		return;
	add_request(totals, trace);
	neon_totals_unlock(ref);
}

void
neon_stats_request(NeonServerStats *stats, const NeonTrace *trace)
{
	int64		wait = trace->replied > 0 ? trace->replied : trace->total;

	neon_traffic_add(&stats->traffic, trace);
	stats->waits[stats->nwaits++ % NEON_STATS_WAITS] =
		(uint32) Min(Max(wait, 0), PG_UINT32_MAX);
}

void
neon_stats_retry(NeonServerStats *stats, int n)
{
	stats->retries += n;
}

void
neon_stats_error(NeonServerStats *stats, int sqlstate)
{
	stats->errors++;
	stats->errors_of_class[ERRCODE_TO_CATEGORY(sqlstate)]++;
}

static int
compare_waits(const void *a, const void *b)
{
	uint32		wait1 = *(const uint32 *) a;
	uint32		wait2 = *(const uint32 *) b;

	return (wait1 > wait2) - (wait1 < wait2);
}

double
neon_stats_percentile(const NeonServerStats *stats, double part)
{
	uint32		sorted[NEON_STATS_WAITS];
	int			n = (int) Min(stats->nwaits, NEON_STATS_WAITS);

	if (n == 0)
		return -1;
	memcpy(sorted, stats->waits, n * sizeof(uint32));
	qsort(sorted, n, sizeof(uint32), compare_waits);
	return sorted[Max((int) ceil(part * n), 1) - 1] / 1000.0;
}
