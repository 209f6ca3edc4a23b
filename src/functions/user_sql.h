/*-------------------------------------------------------------------------
 *
 * functions/user_sql.h
 *		Arguments and hints of the functions that send SQL of the user's own.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_FUNCTIONS_USER_SQL_H
#define NEON_FUNCTIONS_USER_SQL_H

#include "fmgr.h"
#include "foreign/foreign.h"

#include "json/request.h"

/* Throws if argument n, which the message calls by the name, is null. */
extern void neon_user_sql_not_null(FunctionCallInfo fcinfo, int n,
								   const char *name);

/*
 * The current user's mapping for the server that argument n names.  Throws
 * if neon_function_server() does not return the server.
 */
extern UserMapping *neon_user_sql_mapping(FunctionCallInfo fcinfo, int n);

/*
 * Fills in the query from two arguments: sql is the number of the statement,
 * params that of the array with its parameters, which has none if the call
 * has no such argument or if that is null.  Throws if the statement is one
 * that cannot be sent.
 */
extern void neon_user_sql_query(FunctionCallInfo fcinfo, int sql, int params,
								NeonQuery *query);

/*
 * Between push and pop, every error with this SQLSTATE that is thrown gets
 * this hint.  The caller keeps the structure until pop.
 */
typedef struct NeonUserSqlHint
{
	ErrorContextCallback context;
	int			sqlstate;
	const char *hint;
} NeonUserSqlHint;

extern void neon_user_sql_push_hint(NeonUserSqlHint *hint, int sqlstate,
									const char *text);
extern void neon_user_sql_pop_hint(NeonUserSqlHint *hint);

#endif							/* NEON_FUNCTIONS_USER_SQL_H */
