/*-------------------------------------------------------------------------
 *
 * http/clock.h
 *		A clock that never jumps.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_HTTP_CLOCK_H
#define NEON_HTTP_CLOCK_H

/* Milliseconds on a clock that never jumps; deadlines are points on it. */
extern int64 neon_clock(void);

#define NEON_NO_DEADLINE	PG_INT64_MAX

#endif							/* NEON_HTTP_CLOCK_H */
