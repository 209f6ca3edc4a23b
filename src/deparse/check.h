/*-------------------------------------------------------------------------
 *
 * deparse/check.h
 *		A statement that fails unless what it did is what was expected.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_DEPARSE_CHECK_H
#define NEON_DEPARSE_CHECK_H

/*
 * Wraps a statement in one that fails with 40001 unless condition holds,
 * which is SQL over "w", the rows that the statement returns (it must return
 * some column): aggregates of them, compared with parameters.  why completes
 * the message.  Allocates in the current memory context.
 */
extern char *neon_check_sql(const char *sql, const char *condition,
							const char *why);

#endif							/* NEON_DEPARSE_CHECK_H */
