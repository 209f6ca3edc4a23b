/*-------------------------------------------------------------------------
 *
 * deparse/local_setting.h
 *		Settings of this session that hold while something is printed or read.
 *
 * What is printed for the remote, and what it has printed, must not depend on
 * how this session shows dates, money or names to its client.  An error in
 * between sets everything back, too, as the end of a subtransaction does.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_DEPARSE_LOCAL_SETTING_H
#define NEON_DEPARSE_LOCAL_SETTING_H

#include "utils/guc.h"

/* The level before anything is set. */
#define NEON_NOTHING_SET	(-1)

/*
 * Makes a setting until neon_local_settings_end().  The level begins as
 * NEON_NOTHING_SET; the first setting gives it a value.
 */
extern void neon_local_setting(int *level, const char *name,
							   const char *value);

/*
 * The same for the form of money, which is C's on the remote, unless it is that
 * here already.
 */
extern void neon_local_setting_money(int *level);

/* Sets back what was set at this level; nothing if it was NEON_NOTHING_SET. */
static inline void
neon_local_settings_end(int level)
{
	if (level != NEON_NOTHING_SET)
		AtEOXact_GUC(true, level);
}

#endif							/* NEON_DEPARSE_LOCAL_SETTING_H */
