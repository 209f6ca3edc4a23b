/*-------------------------------------------------------------------------
 *
 * stats/activity.h
 *		What the requests of all sessions are doing now.
 *
 * Each backend has a slot in shared memory, and in it a few requests, which
 * only it writes.  Without shared memory there is one slot, of this backend.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_STATS_ACTIVITY_H
#define NEON_STATS_ACTIVITY_H

#include "nodes/pg_list.h"
#include "utils/timestamp.h"

#include "stats/phase.h"

#define NEON_REQUEST_ID_SIZE	64

typedef struct NeonActivity
{
	/*
	 * Odd while anything but the numbers at the end is being changed: then
	 * what was read is to be read again.
	 */
	volatile uint32 changes;

	bool		used;
	Oid			dbid;
	Oid			serverid;
	Oid			userid;			/* as whom the remote is asked */
	NeonRequestPurpose purpose;
	NeonPhase	phase;
	int			attempt;
	TimestampTz begun;			/* the request, with all attempts */
	TimestampTz since;			/* the phase */
	char		server_name[NAMEDATALEN];
	char		request_id[NEON_REQUEST_ID_SIZE];	/* "" as long as unknown */

	/* each is written at once */
	int64		bytes_sent;		/* bodies, of this attempt */
	int64		rows_sent;
	int64		bytes_received;
	int64		rows_received;
	int			piece;			/* of a result in several, 0: it is not */
	int			pieces;			/* as far as can be said, 0: it cannot */
} NeonActivity;

/*
 * Announces a request of this backend.  Returns NULL if so many are under way
 * already that this one is not shown; all functions take NULL for an activity
 * and do nothing then.  To be ended by whoever began it, also after an error:
 * nothing may be told of it afterwards.  Only the first function can throw.
 */
extern NeonActivity *neon_activity_begin(Oid serverid, Oid userid,
										 const char *server_name,
										 NeonRequestPurpose purpose);
extern void neon_activity_end(NeonActivity *activity);

/* The request is sent, for the first time or again. */
extern void neon_activity_attempt(NeonActivity *activity, int attempt);
extern void neon_activity_phase(NeonActivity *activity, NeonPhase phase);
extern void neon_activity_request_id(NeonActivity *activity, const char *id);

/* The request concerns this piece of so many (0: not known how many). */
extern void neon_activity_piece(NeonActivity *activity, int piece,
								int pieces);

static inline void
neon_activity_sent(NeonActivity *activity, int64 bytes)
{
	if (activity != NULL)
		activity->bytes_sent = bytes;
}

static inline void
neon_activity_rows_sent(NeonActivity *activity, int64 rows)
{
	if (activity != NULL)
		activity->rows_sent = rows;
}

static inline void
neon_activity_received(NeonActivity *activity, int64 bytes)
{
	if (activity != NULL)
		activity->bytes_received = bytes;
}

static inline void
neon_activity_row(NeonActivity *activity)
{
	if (activity != NULL)
		activity->rows_received++;
}

/* A request as it was found, and whose it is. */
typedef struct NeonActivityRow
{
	int			pid;
	Oid			session_user;
	NeonActivity activity;
} NeonActivityRow;

/* All requests that are under way, of backends that are alive. */
extern List *neon_activity_list(void);

/* For stats/shared.c. */
extern Size neon_activity_size(void);
extern void neon_activity_share(void *area);

#endif							/* NEON_STATS_ACTIVITY_H */
