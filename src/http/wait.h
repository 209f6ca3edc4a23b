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

#include "http/clock.h"

/*
 * Lets all transfers of this backend go on, whoever started them, and
 * returns when anything may have happened or at the deadline: call in a loop
 * that tests what is waited for.  Handles interrupts, so it may throw.  The
 * time slept is added to *waited; meanwhile pg_stat_activity shows the wait
 * event.
 */
extern void neon_wait(int64 deadline, uint32 wait_event, instr_time *waited);

/*
 * Lets all transfers go on as far as they can at once, without sleeping: they
 * send what the kernel takes.  Returns soon even if a peer sends without end.
 */
extern void neon_wait_nothing(uint32 wait_event, instr_time *waited);

/*
 * With true, neon_wait() throws an order to end the session as an error, so
 * that the client hears what has become of a commit before the session ends:
 * the order stays, and is obeyed when the error has been sent.  Returns the
 * setting before.
 */
extern bool neon_wait_throw_end(bool throw);

#endif							/* NEON_HTTP_WAIT_H */
