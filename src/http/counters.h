/*-------------------------------------------------------------------------
 *
 * http/counters.h
 *		What this session has sent to which server, and what became of it.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_HTTP_COUNTERS_H
#define NEON_HTTP_COUNTERS_H

#include "nodes/pg_list.h"

#include "http/trace.h"
#include "stats/totals.h"

typedef struct NeonTraffic
{
	int64		requests;		/* sent, retries included */
	int64		connects;		/* connections opened for them */
	int64		reused;			/* sent over a kept connection */
	int64		bytes_sent;		/* bodies */
	int64		bytes_received;
	int			http_version;	/* of the last reply, as NeonTrace's */
	char		tls_version[NEON_TLS_VERSION_SIZE];
} NeonTraffic;

/*
 * Percentiles are those of so many last requests: exact, and of what happens
 * now rather than an hour ago.
 */
#define NEON_STATS_WAITS	1024

/* The first two characters of an SQLSTATE, as six bits each. */
#define NEON_SQLSTATE_CLASSES	4096

typedef struct NeonServerStats
{
	Oid			serverid;		/* hash key */
	NeonTraffic traffic;
	int64		retries;
	int64		errors;
	int64		errors_of_class[NEON_SQLSTATE_CLASSES];
	uint64		nwaits;			/* so far; the last ones are kept */
	uint32		waits[NEON_STATS_WAITS];	/* microseconds */
} NeonServerStats;

/* Made on first use, lives as long as the session. */
extern NeonServerStats *neon_stats_of_server(Oid serverid);
extern List *neon_stats_list(void);

/* None of these throws. */
extern void neon_traffic_add(NeonTraffic *traffic, const NeonTrace *trace);
extern void neon_totals_request(NeonTotalsRef *ref, const NeonTrace *trace);
extern void neon_stats_request(NeonServerStats *stats, const NeonTrace *trace);
extern void neon_stats_retry(NeonServerStats *stats, int n);
extern void neon_stats_error(NeonServerStats *stats, int sqlstate);

/*
 * The wait, in milliseconds, that this part (from 0 to 1) of the last
 * requests did not exceed; negative if there were none.
 */
extern double neon_stats_percentile(const NeonServerStats *stats, double part);

#endif							/* NEON_HTTP_COUNTERS_H */
