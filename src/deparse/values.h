/*-------------------------------------------------------------------------
 *
 * deparse/values.h
 *		Rows of values that travel as arrays, one for each column.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_DEPARSE_VALUES_H
#define NEON_DEPARSE_VALUES_H

#include "lib/stringinfo.h"

/*
 * Appends SQL that turns n parameters, arrays of texts from $first on, into
 * rows again: "unnest($1::text[], $2::text[]) AS u(c1, c2)".  A numbered one
 * has the number of the row as its last column, n.
 */
extern void neon_append_unnest(StringInfo buf, int first, int n,
							   bool numbered);

#endif							/* NEON_DEPARSE_VALUES_H */
