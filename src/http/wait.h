/*-------------------------------------------------------------------------
 *
 * http/wait.h
 *		Waiting for the network without ignoring interrupts.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_HTTP_WAIT_H
#define NEON_HTTP_WAIT_H

#include "portability/instr_time.h"

/* Milliseconds on a clock that never jumps; deadlines are points on it. */
extern int64 neon_clock(void);

#define NEON_NO_DEADLINE	PG_INT64_MAX

/*
 * Lets all transfers of this backend go on, whoever started them, and
 * returns when anything may have happened or at the deadline: call in a loop
 * that tests what is waited for.  Handles interrupts, so it may throw.  The
 * time slept is added to *waited.
 */
extern void neon_wait(int64 deadline, instr_time *waited);

#endif							/* NEON_HTTP_WAIT_H */
