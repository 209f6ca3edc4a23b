/*-------------------------------------------------------------------------
 *
 * remote/param_text.h
 *		Parameters in the text of a statement: where they stand.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_REMOTE_PARAM_TEXT_H
#define NEON_REMOTE_PARAM_TEXT_H

#include "lib/stringinfo.h"

/* Is p at the start of a name, number or parameter of the text? */
extern bool neon_at_word_start(const char *sql, const char *p);

/*
 * The place behind the literal or quoted name that begins at p.  A doubled
 * quote reads as the end of one and the start of another.
 */
extern const char *neon_skip_quoted(const char *p);

/* Appends what stands in the place of the parameter $n. */
typedef void (*NeonAppendParam) (StringInfo buf, long n, void *arg);

/* Appends the text, with something else in the place of each parameter. */
extern void neon_replace_params(StringInfo buf, const char *sql,
								NeonAppendParam append, void *arg);

#endif							/* NEON_REMOTE_PARAM_TEXT_H */
