/*-------------------------------------------------------------------------
 *
 * plan/remote_estimate.c
 *		What the remote's planner expects of statements.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <ctype.h>
#include <math.h>

#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"

#include "compat/compat.h"
#include "deparse/local_setting.h"
#include "deparse/params.h"
#include "plan/remote_estimate.h"
#include "remote/param_text.h"
#include "remote/remote.h"

/* The values of a statement's parameters that are known while planning. */
typedef struct KnownValues
{
	const char **texts;			/* by parameter; NULL: null, or not known */
	bool	   *known;
} KnownValues;

/*
 * The values of constants and of stable expressions.  They are computed under
 * the session's settings and printed under those of the guard.
 */
static KnownValues
known_values(PlannerInfo *root, List *params)
{
	KnownValues values;
	List	   *consts = NIL;
	int			level;
	ListCell   *lc;

	values.texts = palloc0_array(const char *, Max(list_length(params), 1));
	values.known = palloc0_array(bool, Max(list_length(params), 1));
	foreach(lc, params)
		consts = lappend(consts, estimate_expression_value(root, lfirst(lc)));

	level = neon_set_transmission_modes(true, false);
	foreach(lc, consts)
	{
		Const	   *value = lfirst(lc);
		int			i = foreach_current_index(lc);
		Oid			function;
		bool		isvarlena;

		values.known[i] = IsA(value, Const);
		if (!values.known[i] || value->constisnull)
			continue;
		getTypeOutputInfo(value->consttype, &function, &isvarlena);
		values.texts[i] = OidOutputFunctionCall(function, value->constvalue);
	}
	neon_local_settings_end(level);
	return values;
}

/*
 * Appends a parameter.  Where a value is not known, (SELECT $n) keeps the
 * remote's planner from taking the null that is sent for it.
 */
static void
append_param(StringInfo buf, long n, void *known)
{
	appendStringInfo(buf, ((bool *) known)[n - 1] ? "$%ld" : "(SELECT $%ld)",
					 n);
}

static char *
explain_sql(const char *sql, bool *known)
{
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfoString(&buf, "EXPLAIN ");
	neon_replace_params(&buf, sql, append_param, known);
	return buf.data;
}

/* From the first line: "Seq Scan on t  (cost=0.00..1.01 rows=1 width=4)". */
static void
read_estimate(const NeonRow *row, NeonRemoteEstimate *estimate)
{
	const char *numbers = NULL;
	double		startup;

	/* The name of a table may have parentheses, so take the last ones. */
	if (row != NULL && row->values[0] != NULL)
		numbers = strrchr(row->values[0], '(');
	if (numbers == NULL ||
		sscanf(numbers, "(cost=%lf..%lf rows=%lf width=%d)", &startup,
			   &estimate->cost, &estimate->rows, &estimate->width) != 4 ||
		!isfinite(estimate->cost) || !isfinite(estimate->rows))
		ereport(ERROR,
				(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
				 errmsg("could not understand the remote's EXPLAIN")));
	estimate->cost = Max(estimate->cost, 0);
	estimate->rows = clamp_row_est(estimate->rows);
	estimate->width = Max(estimate->width, 0);
}

NeonRemoteEstimate *
neon_remote_estimate(PlannerInfo *root, UserMapping *user, List *statements)
{
	int			n = list_length(statements);
	NeonRemoteEstimate *result = palloc0_array(NeonRemoteEstimate, n);
	NeonQuery  *queries = palloc0_array(NeonQuery, n);
	NeonStats  *stats = palloc0_object(NeonStats);
	NeonReader *reader;
	ListCell   *lc;

	foreach(lc, statements)
	{
		NeonRemoteSql *sql = lfirst(lc);
		NeonQuery  *query = &queries[foreach_current_index(lc)];
		KnownValues values = known_values(root, sql->params);

		query->sql = explain_sql(sql->text.data, values.known);
		query->nparams = list_length(sql->params);
		query->params = values.texts;
		query->ncolumns = 1;
	}

	reader = neon_remote_look_up(neon_connection_get(user), queries, n, stats);
	for (int i = 0; i < n; i++)
	{
		read_estimate(neon_remote_next_row(reader), &result[i]);
		(void) neon_remote_next_result(reader);
	}
	neon_remote_close(reader);
	return result;
}
