/*-------------------------------------------------------------------------
 *
 * guard.h
 *		The statement that every batch starts with.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_GUARD_H
#define NEON_GUARD_H

#include "remote.h"

/*
 * Fills in one statement that makes the remote transaction's settings those
 * that SQL and values are written for: names resolve in pg_catalog only,
 * text forms are the ISO ones, time zone and what is left of the statement
 * timeout are this session's.  Its strings are in the current memory context
 * or static.  It returns one row.
 */
extern void neon_guard(NeonQuery *query);

#endif							/* NEON_GUARD_H */
