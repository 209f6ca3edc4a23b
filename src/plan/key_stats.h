/*-------------------------------------------------------------------------
 *
 * plan/key_stats.h
 *		Tells the planner which columns of foreign tables are unique.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_KEY_STATS_H
#define NEON_PLAN_KEY_STATS_H

/* Installs the hook. */
extern void neon_key_stats_init(void);

#endif							/* NEON_PLAN_KEY_STATS_H */
