/*-------------------------------------------------------------------------
 *
 * plan/key_stats.c
 *		Columns that are a key by themselves have no value twice: tell the
 *		planner's estimates.
 *
 * Of local tables the planner knows that from their unique indexes.  Without
 * it, a join by the key of a table that was never analyzed looks many times
 * as large as it is.  Nothing but estimates depends on it.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "foreign/fdwapi.h"
#include "utils/selfuncs.h"

#include "compat/compat.h"
#include "option/own.h"
#include "plan/base_rel.h"
#include "plan/key_stats.h"

static get_relation_stats_hook_type prev_hook = NULL;

static bool
is_sole_key(NeonRemoteColumns *columns, AttrNumber attnum)
{
	int			i;

	if (attnum <= 0 || attnum > columns->natts || !columns->key[attnum - 1])
		return false;
	for (i = 0; i < columns->natts; i++)
	{
		if (columns->key[i] && i != attnum - 1)
			return false;
	}
	return true;
}

static bool
tell_unique(PlannerInfo *root, RangeTblEntry *rte, AttrNumber attnum,
			VariableStatData *vardata)
{
	RelOptInfo *rel = vardata->rel;

	if (rel != NULL && rel->fdw_private != NULL && rel->relid > 0 &&
		neon_is_own_routine(rel->fdwroutine))
	{
		NeonRelInfo *info = rel->fdw_private;

		if (is_sole_key(info->ship.columns[rel->relid], attnum))
			vardata->isunique = true;
	}

	/* where the statistics come from is for others to say */
	return prev_hook != NULL && prev_hook(root, rte, attnum, vardata);
}

void
neon_key_stats_init(void)
{
	prev_hook = get_relation_stats_hook;
	get_relation_stats_hook = tell_unique;
}
