/*-------------------------------------------------------------------------
 *
 * plan/key_stats.c
 *		Tells the planner which columns of foreign tables are unique.
 *
 * A column that is the whole key of its table has no value twice.  Of local
 * tables the planner knows this from unique indexes.  Without this knowledge
 * a join by the key of a table that was never analyzed looks many times as
 * large as it is.  Only estimates depend on what is said here.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/selfuncs.h"

#include "compat/compat.h"
#include "option/own.h"
#include "plan/key_stats.h"
#include "plan/rel_info.h"

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

	/* The statistics themselves are left to PostgreSQL and to other hooks. */
	return prev_hook != NULL && prev_hook(root, rte, attnum, vardata);
}

void
neon_key_stats_init(void)
{
	prev_hook = get_relation_stats_hook;
	get_relation_stats_hook = tell_unique;
}
