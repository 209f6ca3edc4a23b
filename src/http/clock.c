/*-------------------------------------------------------------------------
 *
 * http/clock.c
 *		A clock that never jumps.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "portability/instr_time.h"

#include "http/clock.h"

int64
neon_clock(void)
{
	static instr_time start;
	static bool started = false;
	instr_time	now;

	INSTR_TIME_SET_CURRENT(now);
	if (!started)
	{
		start = now;
		started = true;
	}
	INSTR_TIME_SUBTRACT(now, start);
	return (int64) INSTR_TIME_GET_MILLISEC(now);
}
