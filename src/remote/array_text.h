/*-------------------------------------------------------------------------
 *
 * remote/array_text.h
 *		Text form of an array of texts, built element by element.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_REMOTE_ARRAY_TEXT_H
#define NEON_REMOTE_ARRAY_TEXT_H

#include "lib/stringinfo.h"

#include "option/remote_columns.h"

/*
 * buf is empty at first; each element (NULL: null) is appended, then the end.
 * An array without elements needs only the end.
 */
extern void neon_array_append(StringInfo buf, const char *element);
extern void neon_array_end(StringInfo buf);

/* Appends all elements of an array that has its end, and one element or more. */
extern void neon_array_append_all(StringInfo buf, const char *array);

/* The array of the remote names of columns, an integer List of their numbers. */
extern char *neon_array_of_names(const NeonRemoteColumns *columns,
								 List *attnos);

#endif							/* NEON_REMOTE_ARRAY_TEXT_H */
