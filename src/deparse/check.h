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

/*
 * The condition that a statement concerns just the rows that it was rehearsed
 * on.  "w" returns their versions (see NEON_VERSION_SQL) in this column; their
 * number and an array of the versions are parameters, behind nparams others.
 */
extern char *neon_check_versions(const char *column, int nparams);

#endif							/* NEON_DEPARSE_CHECK_H */
