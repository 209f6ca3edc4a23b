/*-------------------------------------------------------------------------
 *
 * plan/key_stats.h
 *		Columns that are a key by themselves have no value twice: tell the
 *		planner's estimates.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_KEY_STATS_H
#define NEON_PLAN_KEY_STATS_H

extern void neon_key_stats_init(void);

#endif							/* NEON_PLAN_KEY_STATS_H */
