/*-------------------------------------------------------------------------
 *
 * stats/shared.h
 *		Shared memory for what all sessions do and have done.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_STATS_SHARED_H
#define NEON_STATS_SHARED_H

/*
 * Asks for shared memory if the library is being loaded by the postmaster;
 * else every session has its own.  Defines the parameters for it.
 */
extern void neon_stats_init(void);

/* Do the numbers concern all sessions? */
extern bool neon_stats_shared(void);

#endif							/* NEON_STATS_SHARED_H */
