/*-------------------------------------------------------------------------
 *
 * remote/ask_limit.h
 *		Was a request refused because of its length?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_REMOTE_ASK_LIMIT_H
#define NEON_REMOTE_ASK_LIMIT_H

#include "http/connection.h"
#include "remote/error.h"
#include "remote/stats.h"

/*
 * The connection was lost before all of a request was handed over.  An
 * endpoint that refuses a request by its length says so without reading it,
 * and what it said is often lost with the connection: so it is asked once
 * more, by a request that is only announced.  Returns the error of such a
 * refusal, NULL if it was something else.
 */
extern NeonError *neon_ask_limit(NeonConnection *connection,
								 const NeonRequest *request, int64 deadline,
								 NeonStats *stats);

#endif							/* NEON_REMOTE_ASK_LIMIT_H */
