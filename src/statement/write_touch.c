/*-------------------------------------------------------------------------
 *
 * statement/write_touch.c
 *		The rows that one execution of a whole write concerns.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#include "statement/write_touch.h"

/* The values of one array of texts, NULL for null. */
static char **
read_array(const char *array, int expected)
{
	Datum		value = OidInputFunctionCall(F_ARRAY_IN,
											 unconstify(char *, array),
											 TEXTOID, -1);
	char	  **result = palloc(expected * sizeof(char *));
	Datum	   *elements;
	bool	   *nulls;
	int			n;

	deconstruct_array(DatumGetArrayTypeP(value), TEXTOID, -1, false,
					  TYPALIGN_INT, &elements, &nulls, &n);
	if (n != expected)
		elog(ERROR, "an array of the values of %d rows has %d elements",
			 expected, n);
	for (int i = 0; i < n; i++)
		result[i] = nulls[i] ? NULL : TextDatumGetCString(elements[i]);
	return result;
}

/* The values of the key, column by column. */
static const char **
key_values(const NeonWritePlan *plan, const char *const *params, int ncolumns)
{
	const char **values = palloc(ncolumns * plan->key_rows * sizeof(char *));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, plan->key_params)
	{
		const char *param = params[lfirst_int(lc) - 1];

		if (!plan->key_arrays)
			values[n++] = param;
		else
		{
			memcpy(values + n, read_array(param, plan->key_rows),
				   plan->key_rows * sizeof(char *));
			n += plan->key_rows;
		}
	}
	return values;
}

void
neon_write_touch(NeonTouch *touch, const NeonWritePlan *plan,
				 const char *const *params)
{
	int			ncolumns;
	const char **values;
	const char **row;

	memset(touch, 0, sizeof(NeonTouch));
	touch->subject = (NeonFactSubject)
	{
		plan->table, plan->command, plan->key_names, plan->written_names,
			plan->source != NULL ? plan->names : "{}"
	};
	touch->kind = plan->key_kind == NEON_ROW_KEY_NEW ? NEON_TOUCH_NEW :
		NEON_TOUCH_ANY;
	if (plan->key_kind != NEON_ROW_KEY_GIVEN)
		return;
	ncolumns = list_length(plan->key_params) /
		(plan->key_arrays ? 1 : plan->key_rows);
	values = key_values(plan, params, ncolumns);
	row = palloc(ncolumns * sizeof(char *));
	for (int i = 0; i < plan->key_rows; i++)
	{
		char	   *key;

		for (int j = 0; j < ncolumns; j++)
			row[j] = values[j * plan->key_rows + i];
		key = neon_touch_row(row, ncolumns);
		if (key == NULL)
			return;
		touch->rows = lappend(touch->rows, key);
	}
	touch->kind = NEON_TOUCH_ROWS;
}
