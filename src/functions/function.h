/*-------------------------------------------------------------------------
 *
 * functions/function.h
 *		What the SQL-callable functions share.
 *
 * The folder functions/ holds the functions that SQL calls, except those that
 * import (schema/): the ping, the session's connections, what all sessions do,
 * the commit ledger's table, and statements of the user's own.  They may call every folder below.
 * They promise that each checks for itself that the user may use the server;
 * schema/ above may rely on neon_function_server() and on the building of
 * result rows.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_FUNCTIONS_FUNCTION_H
#define NEON_FUNCTIONS_FUNCTION_H

#include "foreign/foreign.h"
#include "funcapi.h"
#include "utils/timestamp.h"

#include "stats/totals.h"

/*
 * Finds a server by its name.  Throws if there is none, if it belongs to
 * another foreign-data wrapper, or if the current user has no USAGE on it.
 */
extern ForeignServer *neon_function_server(const char *name);

/* The current user's mapping for such a server. */
extern UserMapping *neon_function_mapping(const char *server_name);

/* Text that is read the same under any IntervalStyle. */
extern char *neon_function_interval(const Interval *interval);

/* Has the current user USAGE on the server? */
extern bool neon_may_use_server(Oid serverid);

/* May the current user see the connections and counters of other users? */
extern bool neon_may_read_all_stats(void);

/* A row, under construction, of a function that returns a set. */
#define NEON_MAX_RESULT_COLUMNS	40

typedef struct NeonResultRow
{
	int			n;
	Datum		values[NEON_MAX_RESULT_COLUMNS];
	bool		nulls[NEON_MAX_RESULT_COLUMNS];
} NeonResultRow;

extern void neon_result_add(NeonResultRow *row, Datum value);
extern void neon_result_add_null(NeonResultRow *row);

/* A text that is NULL or "" becomes a null. */
extern void neon_result_add_text(NeonResultRow *row, const char *text);
extern void neon_result_add_name(NeonResultRow *row, const char *name);

/* Connections opened and used again, bytes sent and received. */
extern void neon_result_add_traffic(NeonResultRow *row,
									const NeonTraffic *traffic);

/* Adds the row to the result of the function and empties it. */
extern void neon_result_put(FunctionCallInfo fcinfo, NeonResultRow *row);

#endif							/* NEON_FUNCTIONS_FUNCTION_H */
