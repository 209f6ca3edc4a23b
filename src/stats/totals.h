/*-------------------------------------------------------------------------
 *
 * stats/totals.h
 *		What has been sent to each server for each user, and what became of it.
 *
 * The folder stats/ keeps what monitoring asks for: what requests are doing,
 * and what they have done.  It calls compat/ and PostgreSQL.  It promises that
 * to count neither throws nor waits, costs less than a microsecond, and is
 * possible wherever a request may end; and that no text of a user's and no
 * credential is kept.
 *
 * Each session has numbers of its own.  With the library in
 * shared_preload_libraries there are those of all sessions, too, which are kept
 * over restarts.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_STATS_TOTALS_H
#define NEON_STATS_TOTALS_H

#include "nodes/pg_list.h"
#include "utils/timestamp.h"

#include "stats/latency.h"
#include "stats/phase.h"

/* Why a request was sent again. */
typedef enum NeonRetryReason
{
	NEON_RETRY_CONNECT,			/* no connection, or another host tried */
	NEON_RETRY_LOST,			/* the connection was lost, or took too long */
	NEON_RETRY_RESENT,			/* a kept connection turned out to be closed */
	NEON_RETRY_THROTTLED,		/* too many requests for a time */
	NEON_RETRY_UNAVAILABLE,		/* the endpoint or the compute was not ready */
	NEON_RETRY_CONFLICT,		/* with other transactions, 40001 or 40P01 */
	NEON_RETRY_UNPROVED			/* what had been read was not proved to be as
								 * it was: sent with the reads themselves */
} NeonRetryReason;

#define NEON_NRETRY_REASONS	(NEON_RETRY_UNPROVED + 1)

/*
 * Classes of SQLSTATEs, as ERRCODE_TO_CATEGORY() has them, in the order in
 * which they came; those for which there is no room are counted as class 0.
 */
#define NEON_ERROR_CLASSES	24

typedef struct NeonErrorClass
{
	int			category;
	int64		count;
} NeonErrorClass;

/* What went over the network. */
typedef struct NeonTraffic
{
	int64		connects;		/* connections opened for requests */
	int64		reused;			/* requests sent over a kept connection */
	int64		bytes_sent;		/* bodies */
	int64		bytes_received;
} NeonTraffic;

typedef struct NeonTotals
{
	int64		requests[NEON_NPURPOSES];	/* sent, again included */
	int64		unsent;			/* failed before anything was sent */
	int64		incomplete;		/* sent, but not read to the end */
	int64		retries[NEON_NRETRY_REASONS];
	int64		errors;
	NeonErrorClass classes[NEON_ERROR_CLASSES];
	int64		serialization_failures; /* 40001 */
	int64		unknown_outcomes;	/* 08007 */
	int64		rows_sent;
	int64		rows_received;
	int64		pieces;
	int64		spills;
	int64		spilled_rows;
	NeonTraffic traffic;
	NeonLatency latency;		/* until replies begin */
} NeonTotals;

typedef struct NeonTotalsKey
{
	Oid			dbid;
	Oid			serverid;
	Oid			userid;
} NeonTotalsKey;

typedef struct NeonTotalsEntry NeonTotalsEntry;

/* Whose numbers are to be changed, and where they were found last. */
typedef struct NeonTotalsRef
{
	NeonTotalsKey key;
	const char *server_name;	/* must live as long as this */
	NeonTotalsEntry *own;		/* those of this session */
	NeonTotalsEntry *shared;	/* those of all */
} NeonTotalsRef;

/* May throw, unlike what follows. */
extern void neon_totals_refer(NeonTotalsRef *ref, Oid serverid, Oid userid,
							  const char *server_name);

/*
 * Has the numbers changed: this session's, and those of all where there are
 * any, under a spinlock.  So a change does nothing but arithmetic.
 */
typedef void (*NeonTotalsChange) (NeonTotals *totals, const void *arg);
extern void neon_totals_change(NeonTotalsRef *ref, NeonTotalsChange change,
							   const void *arg);

/* Counts so many errors of a class. */
extern void neon_totals_add_class(NeonTotals *totals, int category, int64 n);

/* Adds what others have to a sum. */
extern void neon_totals_add(NeonTotals *sum, const NeonTotals *totals);

/* The numbers of one server and user, as they were found, and as saved. */
typedef struct NeonTotalsRow
{
	NeonTotalsKey key;
	char		server_name[NAMEDATALEN];
	TimestampTz since;
	NeonTotals	totals;
} NeonTotalsRow;

/*
 * All of them, in the current memory context; those of this session alone, or
 * of all if there are any.
 */
extern List *neon_totals_list(bool session);

/*
 * Forgets those of a server of this database, or with InvalidOid all.  Other
 * sessions keep their own.
 */
extern void neon_totals_reset(Oid serverid);

typedef struct NeonTotalsInfo
{
	TimestampTz reset;			/* the last time that all were forgotten */
	int64		evicted;		/* forgotten to make room for others */
} NeonTotalsInfo;

extern NeonTotalsInfo neon_totals_info(void);

/*
 * For stats/shared.c.  In the area as it was allocated before, nothing is
 * cleared unless it is new.
 */
struct LWLock;
extern Size neon_totals_size(int nentries);
extern void neon_totals_share(void *area, int nentries, bool new,
							  struct LWLock *lock);

/* For stats/file.c, before and after other processes run. */
extern void neon_totals_restore(const NeonTotalsRow *row);
extern void neon_totals_restore_info(const NeonTotalsInfo *info);

#endif							/* NEON_STATS_TOTALS_H */
