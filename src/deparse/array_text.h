/*-------------------------------------------------------------------------
 *
 * deparse/array_text.h
 *		Arrays of texts: their text form, built element by element, and the
 *		SQL that makes rows of them.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_DEPARSE_ARRAY_TEXT_H
#define NEON_DEPARSE_ARRAY_TEXT_H

#include "lib/stringinfo.h"

/*
 * buf is empty at first; each element (NULL: null) is appended, then the end.
 * An array without elements needs only the end.
 */
extern void neon_array_append(StringInfo buf, const char *element);
extern void neon_array_end(StringInfo buf);

/*
 * Appends SQL that turns n parameters, arrays of texts from $first on, into
 * rows again: "unnest($1::text[], $2::text[]) AS u(c1, c2)".  A numbered one
 * has the number of the row as its last column, n.
 */
extern void neon_append_unnest(StringInfo buf, int first, int n,
							   bool numbered);

#endif							/* NEON_DEPARSE_ARRAY_TEXT_H */
