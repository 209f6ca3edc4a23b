/*-------------------------------------------------------------------------
 *
 * execute.h
 *		Runs the statements of a request and builds its reply.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENDPOINT_EXECUTE_H
#define ENDPOINT_EXECUTE_H

#include "payload.h"
#include "pool.h"

typedef struct ExecuteLimits
{
	size_t		max_response;	/* bytes of JSON */
	bool		closing_rollback;	/* false: commit instead, for tests */
} ExecuteLimits;

/*
 * Always leaves a status and a body in the outcome, and says in the backend
 * whether it may be used again.
 */
extern void execute_payload(Backend *backend, const Payload *payload,
							const Headers *headers, const Client *client,
							const ExecuteLimits *limits, Outcome *outcome);

#endif							/* ENDPOINT_EXECUTE_H */
