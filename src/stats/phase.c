/*-------------------------------------------------------------------------
 *
 * stats/phase.c
 *		What a request is for, and how far it has got.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "compat/compat.h"
#include "stats/phase.h"

/* The phase of a commit that waits for its reply stands behind the others. */
#define COMMITTING		NEON_NPHASES

static const struct
{
	const char *name;
	const char *event;
}			phases[] =

{
	[NEON_PHASE_SETUP] = {"starting", "NeonHttpStart"},
	[NEON_PHASE_RESOLVE] = {"resolving", "NeonHttpResolve"},
	[NEON_PHASE_CONNECT] = {"connecting", "NeonHttpConnect"},
	[NEON_PHASE_PROXY] = {"proxy", "NeonHttpProxy"},
	[NEON_PHASE_TLS] = {"TLS", "NeonHttpTls"},
	[NEON_PHASE_SEND] = {"sending", "NeonHttpSend"},
	[NEON_PHASE_WAIT] = {"waiting", "NeonHttpWait"},
	[NEON_PHASE_BODY] = {"reading", "NeonHttpRead"},
	[NEON_PHASE_PAUSE] = {"pausing", "NeonHttpPause"},
	[COMMITTING] = {"committing", "NeonHttpCommit"}
};

static int
phase_index(NeonPhase phase, NeonRequestPurpose purpose)
{
	return phase == NEON_PHASE_WAIT && purpose == NEON_PURPOSE_COMMIT ?
		COMMITTING : (int) phase;
}

const char *
neon_request_purpose_name(NeonRequestPurpose purpose)
{
	switch (purpose)
	{
		case NEON_PURPOSE_READ:
			return "read";
		case NEON_PURPOSE_REHEARSAL:
			return "rehearsal";
		case NEON_PURPOSE_COMMIT:
			return "commit";
		case NEON_PURPOSE_CATALOG:
			return "catalog";
		case NEON_PURPOSE_OTHER:
			break;
	}
	return "other";
}

const char *
neon_phase_name(NeonPhase phase, NeonRequestPurpose purpose)
{
	return phases[phase_index(phase, purpose)].name;
}

uint32
neon_phase_wait_event(NeonPhase phase, NeonRequestPurpose purpose)
{
	static uint32 events[lengthof(phases)];
	int			i = phase_index(phase, purpose);

	if (events[i] == 0)
		events[i] = neon_wait_event(phases[i].event);
	return events[i];
}
