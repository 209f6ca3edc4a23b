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

#include "deparse/remote_sql.h"
#include "ship/local_value.h"

/*
 * Appends SQL that turns n parameters, arrays of texts from $first on, into
 * rows again: "unnest($1::text[], $2::text[]) AS u(c1, c2)".  A numbered one
 * has the number of the row as its last column, n.
 */
extern void neon_append_unnest(StringInfo buf, int first, int n,
							   bool numbered);

/*
 * Makes parameters of rows of VALUES, one for each column, if there are many
 * rows and all values in them are local ones.  Returns what stands in the
 * place of the rows then: one row of parameters; or NIL.
 *
 * The expression of such a parameter is a List of the values from top to
 * bottom, a node that planning leaves as it is.
 */
extern List *neon_values_as_arrays(NeonRemoteSql *sql, NeonLocalMemo *memo,
								   List *rows, bool conditional);

/* Are these rows what neon_values_as_arrays() has returned? */
extern bool neon_are_values_arrays(NeonRemoteSql *sql, List *rows);

/* Appends a SELECT, in parentheses, that makes rows again of such arrays. */
extern void neon_sql_append_arrays(NeonRemoteSql *sql, List *rows,
								   List *colnames);

#endif							/* NEON_DEPARSE_VALUES_H */
