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
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "compat/compat.h"
#include "deparse/params.h"

struct NeonParams
{
	int			count;
	List	   *exprs;			/* ExprStates */
	FmgrInfo   *output;			/* by parameter */
	bool		plain;			/* no setting changes how they print */
	Datum	   *datums;			/* of the evaluation going on */
	bool	   *isnull;
	const char **values;		/* result of the last evaluation */
	MemoryContext context;		/* of the printed values */
};

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

NeonParams *
neon_params_init(List *exprs, PlanState *parent)
{
	NeonParams *params = palloc0(sizeof(NeonParams));
	int			i = 0;
	ListCell   *lc;

	params->count = list_length(exprs);
	params->exprs = ExecInitExprList(exprs, parent);
	params->output = palloc0(sizeof(FmgrInfo) * Max(params->count, 1));
	params->datums = palloc0(sizeof(Datum) * Max(params->count, 1));
	params->isnull = palloc0(sizeof(bool) * Max(params->count, 1));
	params->values = palloc0(sizeof(char *) * Max(params->count, 1));
	params->context = AllocSetContextCreate(CurrentMemoryContext,
											"neon_http_fdw parameters",
											ALLOCSET_SMALL_SIZES);
	params->plain = true;
	foreach(lc, exprs)
	{
		Oid			type = exprType(lfirst(lc));
		Oid			function;
		bool		isvarlena;

		if (!is_plain_type(type))
			params->plain = false;
		getTypeOutputInfo(type, &function, &isvarlena);
		fmgr_info(function, &params->output[i++]);
	}
	return params;
}

int
neon_params_count(NeonParams *params)
{
	return params->count;
}

static void
set_for_transmission(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
}

/*
 * The guard of each request makes the same settings on the remote.  A setting
 * that is right already is left alone, for setting it costs more than printing
 * a value.
 */
int
neon_set_transmission_modes(void)
{
	int			level = NewGUCNestLevel();

	if (DateStyle != USE_ISO_DATES)
		set_for_transmission("datestyle", "ISO");
	if (IntervalStyle != INTSTYLE_POSTGRES)
		set_for_transmission("intervalstyle", "postgres");
	if (extra_float_digits < 1)
		set_for_transmission("extra_float_digits", "1");
	/* not locale_monetary: its header needs ICU's, which may be missing */
	if (strcmp(GetConfigOption("lc_monetary", false, false), "C") != 0)
		set_for_transmission("lc_monetary", "C");

	return level;
}

const char *const *
neon_params_eval(NeonParams *params, ExprContext *econtext)
{
	MemoryContext oldcontext;
	int			level = -1;
	int			i = 0;
	ListCell   *lc;

	if (params->count == 0)
		return params->values;

	/* Evaluate under the session's settings, print under the guard's. */
	foreach(lc, params->exprs)
	{
		params->datums[i] = ExecEvalExprSwitchContext(lfirst(lc), econtext,
													  &params->isnull[i]);
		i++;
	}

	MemoryContextReset(params->context);
	oldcontext = MemoryContextSwitchTo(params->context);
	if (!params->plain)
		level = neon_set_transmission_modes();
	for (i = 0; i < params->count; i++)
		params->values[i] = params->isnull[i] ? NULL :
			OutputFunctionCall(&params->output[i], params->datums[i]);
	if (level >= 0)
		AtEOXact_GUC(true, level);
	MemoryContextSwitchTo(oldcontext);

	return params->values;
}
