/*-------------------------------------------------------------------------
 *
 * functions/function.h
 *		What the SQL-callable functions share.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_FUNCTIONS_FUNCTION_H
#define NEON_FUNCTIONS_FUNCTION_H

#include "foreign/foreign.h"
#include "funcapi.h"

/*
 * Finds a server by its name.  Throws if there is none, if it is another
 * foreign-data wrapper's, or if the current user has no USAGE on it.
 */
extern ForeignServer *neon_function_server(const char *name);

/* May the current user see what others do? */
extern bool neon_may_read_all_stats(void);

/* Parts of a row of a function that returns a set. */
#define NEON_MAX_RESULT_COLUMNS	16

typedef struct NeonResultRow
{
	int			n;
	Datum		values[NEON_MAX_RESULT_COLUMNS];
	bool		nulls[NEON_MAX_RESULT_COLUMNS];
} NeonResultRow;

extern void neon_result_add(NeonResultRow *row, Datum value);
extern void neon_result_add_null(NeonResultRow *row);

/* NULL or "" becomes null. */
extern void neon_result_add_text(NeonResultRow *row, const char *text);
extern void neon_result_add_name(NeonResultRow *row, const char *name);

/* Hands the row out and empties it. */
extern void neon_result_put(FunctionCallInfo fcinfo, NeonResultRow *row);

#endif							/* NEON_FUNCTIONS_FUNCTION_H */
