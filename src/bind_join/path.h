/*-------------------------------------------------------------------------
 *
 * bind_join/path.h
 *		Joins of any rows to the rows of a foreign table, by its keys.
 *
 * A bind join asks the remote for the rows that match the keys of a batch of
 * outer rows, instead of for one outer row after the other, or for all rows.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_BIND_JOIN_PATH_H
#define NEON_BIND_JOIN_PATH_H

/* The parameter neon_http_fdw.bind_join */
extern bool neon_bind_join;

/* Installs the planner's hook and registers the plan node. */
extern void neon_bind_join_init(void);

#endif							/* NEON_BIND_JOIN_PATH_H */
