/*-------------------------------------------------------------------------
 *
 * remote/stats.h
 *		What the requests of one statement cost.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_REMOTE_STATS_H
#define NEON_REMOTE_STATS_H

#include "portability/instr_time.h"

/* Every request adds to it. */
typedef struct NeonStats
{
	int64		requests;		/* sent, retries included */
	int64		retries;
	int64		bytes_sent;		/* request bodies */
	int64		bytes_received; /* reply bodies */
	instr_time	wait;			/* time spent waiting for the network */
	int64		until_reply;	/* microseconds from sending to the reply's
								 * beginning, whatever was done meanwhile */
	int64		read_checks;	/* of what was read before, sent along */
	int64		check_bytes;	/* of their statements and values */
	int64		spilled;		/* rows kept on the remote, see scan/spill.h */
	int64		interrupts;		/* commits given up while they were under way */
} NeonStats;

#endif							/* NEON_REMOTE_STATS_H */
