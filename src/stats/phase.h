/*-------------------------------------------------------------------------
 *
 * stats/phase.h
 *		What a request is for, and how far it has got.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_STATS_PHASE_H
#define NEON_STATS_PHASE_H

/* What a request is for. */
typedef enum NeonRequestPurpose
{
	NEON_PURPOSE_READ,
	NEON_PURPOSE_REHEARSAL,		/* writes, rolled back at the end */
	NEON_PURPOSE_COMMIT,		/* writes that stay */
	NEON_PURPOSE_CATALOG,		/* what the remote's catalog and planner say */
	NEON_PURPOSE_OTHER			/* pings, what is kept on the remote for a
								 * time, the size of a refused request */
} NeonRequestPurpose;

#define NEON_NPURPOSES	(NEON_PURPOSE_OTHER + 1)

/*
 * What a request is doing.  The names of wait events, which documentation and
 * monitoring rely on, are made from these, too.
 */
typedef enum NeonPhase
{
	NEON_PHASE_SETUP,
	NEON_PHASE_RESOLVE,
	NEON_PHASE_CONNECT,
	NEON_PHASE_PROXY,
	NEON_PHASE_TLS,
	NEON_PHASE_SEND,
	NEON_PHASE_WAIT,			/* for the reply to begin */
	NEON_PHASE_BODY,
	NEON_PHASE_PAUSE			/* before the request is sent again */
} NeonPhase;

#define NEON_NPHASES	(NEON_PHASE_PAUSE + 1)

extern const char *neon_request_purpose_name(NeonRequestPurpose purpose);

/* The name that a user sees: to wait for a commit's reply is to commit. */
extern const char *neon_phase_name(NeonPhase phase, NeonRequestPurpose purpose);

/*
 * What pg_stat_activity shows while a request of this purpose is waited for:
 * since PostgreSQL 17 an event for each phase.  May throw.
 */
extern uint32 neon_phase_wait_event(NeonPhase phase,
									NeonRequestPurpose purpose);

/* The pause before a request is sent again is the same for all. */
#define NEON_PAUSE_WAIT_EVENT \
	neon_phase_wait_event(NEON_PHASE_PAUSE, NEON_PURPOSE_OTHER)

#endif							/* NEON_STATS_PHASE_H */
