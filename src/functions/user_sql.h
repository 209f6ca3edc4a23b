/*-------------------------------------------------------------------------
 *
 * functions/user_sql.h
 *		What the functions share that send SQL of the user's own.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_FUNCTIONS_USER_SQL_H
#define NEON_FUNCTIONS_USER_SQL_H

#include "fmgr.h"

#include "transaction/transaction.h"

/*
 * Parameters "server", "sql" and "params" by their numbers; params may be
 * beyond the call's, which means none.  Checks what neon_function_server()
 * and neon_exec_check() do.
 */
extern UserMapping *neon_exec_user(FunctionCallInfo fcinfo, int server);
extern void neon_exec_arguments(FunctionCallInfo fcinfo, int sql, int params,
								NeonQuery *query);

/* Throws if the statement would end the remote transaction it runs in. */
extern void neon_exec_check(const char *sql);

/*
 * The statement in a form that fits into WITH ... AS (), with a row in its
 * result for each that it concerns; NULL if it has no such form, or if that
 * cannot be told.  Allocates in the current memory context.
 */
extern char *neon_exec_countable(const char *sql);

/*
 * While it is on the error stack, a remote error with this SQLSTATE comes with
 * this hint.
 */
typedef struct NeonExecHint
{
	ErrorContextCallback context;
	int			sqlstate;
	const char *hint;
} NeonExecHint;

extern void neon_exec_hint_push(NeonExecHint *hint, int sqlstate,
								const char *text);
extern void neon_exec_hint_pop(NeonExecHint *hint);

#endif							/* NEON_FUNCTIONS_USER_SQL_H */
