/*-------------------------------------------------------------------------
 *
 * functions/user_sql.c
 *		Arguments and hints of the functions that send SQL of the user's own.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "compat/compat.h"
#include "functions/function.h"
#include "functions/statement_text.h"
#include "functions/user_sql.h"
#include "remote/packed.h"

/*
 * In text of the user's own, parameters have no casts: it cannot be packed as
 * other statements are.  A check of the rows has two parameters more.
 */
#define MAX_PARAMS		(NEON_MAX_PARAMS - 2)

/* ---------- arguments ---------- */

void
neon_user_sql_not_null(FunctionCallInfo fcinfo, int n, const char *name)
{
	if (PG_ARGISNULL(n))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("parameter \"%s\" must not be null", name)));
}

UserMapping *
neon_user_sql_mapping(FunctionCallInfo fcinfo, int n)
{
	neon_user_sql_not_null(fcinfo, n, "server");
	return neon_function_mapping(NameStr(*PG_GETARG_NAME(n)));
}

static void
take_params(ArrayType *array, NeonQuery *query)
{
	Datum	   *values;
	bool	   *nulls;
	const char **params;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls,
					  &query->nparams);
	if (query->nparams > MAX_PARAMS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many parameters"),
				 errdetail("A statement cannot have more than %d parameters.",
						   MAX_PARAMS),
				 errhint("Pass values as arrays, and use unnest().")));
	params = palloc((query->nparams + 1) * sizeof(char *));
	for (int i = 0; i < query->nparams; i++)
		params[i] = nulls[i] ? NULL : TextDatumGetCString(values[i]);
	query->params = params;
}

void
neon_user_sql_query(FunctionCallInfo fcinfo, int sql, int params,
					NeonQuery *query)
{
	memset(query, 0, sizeof(NeonQuery));
	neon_user_sql_not_null(fcinfo, sql, "sql");
	query->sql = text_to_cstring(PG_GETARG_TEXT_PP(sql));
	query->ncolumns = -1;
	neon_statement_text_check(query->sql);
	if (params < PG_NARGS() && !PG_ARGISNULL(params))
		take_params(PG_GETARG_ARRAYTYPE_P(params), query);
}

/* ---------- hints ---------- */

static void
add_hint(void *arg)
{
	NeonUserSqlHint *hint = arg;

	if (geterrcode() == hint->sqlstate)
		errhint("%s", hint->hint);
}

void
neon_user_sql_push_hint(NeonUserSqlHint *hint, int sqlstate, const char *text)
{
	hint->sqlstate = sqlstate;
	hint->hint = text;
	hint->context.callback = add_hint;
	hint->context.arg = hint;
	hint->context.previous = error_context_stack;
	error_context_stack = &hint->context;
}

void
neon_user_sql_pop_hint(NeonUserSqlHint *hint)
{
	error_context_stack = hint->context.previous;
}
