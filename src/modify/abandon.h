/*-------------------------------------------------------------------------
 *
 * modify/abandon.h
 *		Rows that are on their way when their statement fails.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_MODIFY_ABANDON_H
#define NEON_MODIFY_ABANDON_H

#include "transaction/pending.h"

/*
 * Rows, NeonWrites with a reader, which are committed by themselves: waits for
 * their outcome, and warns if that remains unknown.  To be called from
 * NeonPending.abandon.
 */
extern void neon_abandon(NeonPending *pending);

/*
 * Rows are on their way from now on, or are not any more: somebody who wants the
 * statement to stop meanwhile is not kept waiting.
 */
extern void neon_abandon_watch(void);
extern void neon_abandon_unwatch(void);

#endif							/* NEON_MODIFY_ABANDON_H */
