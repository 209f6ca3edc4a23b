/*-------------------------------------------------------------------------
 *
 * functions/ping_verdict.h
 *		What the outcome of a ping means.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_FUNCTIONS_PING_VERDICT_H
#define NEON_FUNCTIONS_PING_VERDICT_H

#include "functions/ping_send.h"

/* Finds out which phase failed, if one did, why, and what to do about it. */
extern void neon_ping_judge(NeonPing *ping);

/*
 * Host and port of a URL, without its scheme, credentials and path.
 */
extern char *neon_ping_host(const char *url);

/*
 * A text from outside, on one line and without the secrets of the
 * connection.
 */
extern char *neon_ping_text(NeonPing *ping, const char *text);

#endif							/* NEON_FUNCTIONS_PING_VERDICT_H */
