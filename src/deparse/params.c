/*-------------------------------------------------------------------------
 *
 * deparse/params.c
 *		Compute parameter values here and print them for the remote.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "utils/float.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "compat/compat.h"
#include "deparse/local_setting.h"
#include "deparse/params.h"
#include "remote/array_text.h"

/* A value to be computed. */
typedef struct Value
{
	ExprState  *state;			/* NULL: it is known */
	Datum		datum;
	bool		isnull;
} Value;

struct NeonParams
{
	int			count;
	int		   *rows;			/* by parameter: values of the column that it
								 * holds, NO_COLUMN if it is a single one */
	FmgrInfo   *output;			/* by parameter */
	int			nvalues;
	Value	   *all;			/* of all parameters, in order */
	bool		plain;			/* no setting changes how they print */
	const char **values;		/* result of the last evaluation */
	MemoryContext context;		/* of the printed values */
};

#define NO_COLUMN	(-1)

/*
 * Types that print the same under all settings.  Most lookups have no others,
 * and changing the settings would cost more than printing the values.
 */
static bool
is_plain_type(Oid type)
{
	switch (type)
	{
		case BOOLOID:
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case OIDOID:
		case NUMERICOID:
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
		case NAMEOID:
		case UUIDOID:
		case JSONBOID:
		case INT4ARRAYOID:
		case INT8ARRAYOID:
		case TEXTARRAYOID:
			return true;
		default:
			return false;
	}
}

/* The values of a parameter: those of a column (see deparse/values.h), or one. */
static List *
values_of(Node *expr)
{
	return IsA(expr, List) ? (List *) expr : list_make1(expr);
}

/* Most values are literals, which need no state of an expression. */
static void
init_value(Value *value, Node *expr, PlanState *parent)
{
	if (IsA(expr, Const))
	{
		value->datum = ((Const *) expr)->constvalue;
		value->isnull = ((Const *) expr)->constisnull;
	}
	else
		value->state = ExecInitExpr((Expr *) expr, parent);
}

NeonParams *
neon_params_init(List *exprs, PlanState *parent)
{
	NeonParams *params = palloc0(sizeof(NeonParams));
	int			i = 0;
	int			n = 0;
	ListCell   *lc;
	ListCell   *lc2;

	params->count = list_length(exprs);
	params->output = palloc0(sizeof(FmgrInfo) * Max(params->count, 1));
	params->rows = palloc0(sizeof(int) * Max(params->count, 1));
	params->values = palloc0(sizeof(char *) * Max(params->count, 1));
	params->context = AllocSetContextCreate(CurrentMemoryContext,
											"neon_http_fdw parameters",
											ALLOCSET_SMALL_SIZES);
	params->plain = true;
	foreach(lc, exprs)
		params->nvalues += list_length(values_of(lfirst(lc)));
	params->all = palloc0(sizeof(Value) * Max(params->nvalues, 1));
	foreach(lc, exprs)
	{
		List	   *values = values_of(lfirst(lc));
		Oid			type = exprType(linitial(values));
		Oid			function;
		bool		isvarlena;

		if (!is_plain_type(type))
			params->plain = false;
		getTypeOutputInfo(type, &function, &isvarlena);
		fmgr_info(function, &params->output[i]);
		params->rows[i++] = IsA(lfirst(lc), List) ?
			list_length(values) : NO_COLUMN;
		foreach(lc2, values)
			init_value(&params->all[n++], lfirst(lc2), parent);
	}
	return params;
}

int
neon_params_count(NeonParams *params)
{
	return params->count;
}

/*
 * The guard of each request makes the same settings on the remote.  A setting
 * that is right already is left alone, for setting it, and setting it back,
 * costs more than printing a row.
 */
int
neon_set_transmission_modes(bool money, bool names)
{
	int			level = NEON_NOTHING_SET;

	if (DateStyle != USE_ISO_DATES)
		neon_local_setting(&level, "datestyle", "ISO");
	if (IntervalStyle != INTSTYLE_POSTGRES)
		neon_local_setting(&level, "intervalstyle", "postgres");
	if (extra_float_digits < 1)
		neon_local_setting(&level, "extra_float_digits", "1");
	if (money)
		neon_local_setting_money(&level);
	if (names)
		neon_local_setting(&level, "search_path", "pg_catalog");

	return level;
}

static char *
print_value(NeonParams *params, int param, const Value *value)
{
	return value->isnull ? NULL :
		OutputFunctionCall(&params->output[param], value->datum);
}

/* Text of the array that a column of values travels as. */
static char *
print_column(NeonParams *params, int param, const Value *values)
{
	StringInfoData array;

	initStringInfo(&array);
	for (int i = 0; i < params->rows[param]; i++)
	{
		char	   *text = print_value(params, param, &values[i]);

		neon_array_append(&array, text);
		if (text != NULL)
			pfree(text);
	}
	neon_array_end(&array);
	return array.data;
}

const char *const *
neon_params_eval(NeonParams *params, ExprContext *econtext)
{
	MemoryContext oldcontext;
	int			level = NEON_NOTHING_SET;
	Value	   *value = params->all;

	if (params->count == 0)
		return params->values;

	/* Evaluate under the session's settings, print under the guard's. */
	for (int i = 0; i < params->nvalues; i++)
	{
		if (value[i].state != NULL)
			value[i].datum = ExecEvalExprSwitchContext(value[i].state, econtext,
													   &value[i].isnull);
	}

	MemoryContextReset(params->context);
	oldcontext = MemoryContextSwitchTo(params->context);
	if (!params->plain)
		level = neon_set_transmission_modes(true, false);
	for (int i = 0; i < params->count; i++)
	{
		bool		is_column = params->rows[i] != NO_COLUMN;

		params->values[i] = is_column ? print_column(params, i, value) :
			print_value(params, i, value);
		value += is_column ? params->rows[i] : 1;
	}
	neon_local_settings_end(level);
	MemoryContextSwitchTo(oldcontext);

	return params->values;
}
