/*-------------------------------------------------------------------------
 *
 * http/failure.h
 *		Where a transfer stood when it failed, and why.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_HTTP_FAILURE_H
#define NEON_HTTP_FAILURE_H

#include "stats/phase.h"

typedef struct NeonFailure
{
	NeonPhase	phase;
	bool		timeout;
	bool		stalled;		/* the reply has begun, but does not go on */
	bool		certificate;	/* the peer's could not be verified */
	bool		cafile;			/* the file with authorities is unusable */
	bool		permanent;		/* would fail again in the same way */
	bool		sent;			/* anything of the request may have left */
	bool		whole;			/* all of it may have */
	int			proxy_status;	/* a proxy's refusal, 0 if none */
	char		text[256];		/* libcurl's words, may hold secrets */
} NeonFailure;

#endif							/* NEON_HTTP_FAILURE_H */
