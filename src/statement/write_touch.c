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

#include "statement/write_touch.h"

void
neon_write_touch(NeonTouch *touch, const NeonWritePlan *plan,
				 const char *const *params)
{
	int			nkeys = list_length(plan->key_params);
	const char **values;
	char	   *row;
	ListCell   *lc;

	memset(touch, 0, sizeof(NeonTouch));
	touch->subject = (NeonFactSubject) {
		plan->table, plan->command, plan->key_names, plan->written_names,
		plan->source != NULL ? plan->names : "{}"
	};
	touch->kind = plan->key_kind == NEON_ROW_KEY_NEW ? NEON_TOUCH_NEW :
		NEON_TOUCH_ANY;
	if (plan->key_kind != NEON_ROW_KEY_GIVEN)
		return;
	values = palloc(nkeys * sizeof(char *));
	foreach(lc, plan->key_params)
		values[foreach_current_index(lc)] = params[lfirst_int(lc) - 1];
	row = neon_touch_row(values, nkeys);
	if (row == NULL)
		return;
	touch->kind = NEON_TOUCH_ROWS;
	touch->rows = list_make1(row);
}
