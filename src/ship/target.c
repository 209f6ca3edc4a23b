/*-------------------------------------------------------------------------
 *
 * ship/target.c
 *		May the remote write to this table all by itself?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "utils/partcache.h"

#include "compat/compat.h"
#include "option/own.h"
#include "ship/target.h"

bool
neon_is_own_target(RangeTblEntry *rte)
{
	return rte->rtekind == RTE_RELATION &&
		rte->relkind == RELKIND_FOREIGN_TABLE &&
		neon_is_own_table(rte->relid);
}

List *
neon_target_columns(List *targets)
{
	List	   *columns = NIL;
	ListCell   *lc;

	foreach(lc, targets)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		if (!tle->resjunk)
			columns = lappend_int(columns, tle->resno);
	}
	return columns;
}

/* The columns that a statement changes in rows that are there already. */
static List *
changed_columns(Query *query)
{
	if (query->commandType == CMD_UPDATE)
		return neon_target_columns(query->targetList);
	if (query->onConflict != NULL &&
		query->onConflict->action == ONCONFLICT_UPDATE)
		return neon_target_columns(query->onConflict->onConflictSet);
	return NIL;
}

/* ---------- triggers ---------- */

/* UPDATE OF fires for a statement that names one of its columns. */
static bool
fires_for_columns(Trigger *trigger, List *columns)
{
	for (int i = 0; i < trigger->tgnattr; i++)
	{
		if (list_member_int(columns, trigger->tgattr[i]))
			return true;
	}
	return trigger->tgnattr == 0;
}

static bool
fires(Trigger *trigger, Query *query)
{
	if (trigger->tgenabled == TRIGGER_DISABLED)
		return false;
	switch (query->commandType)
	{
		case CMD_DELETE:
			return TRIGGER_FOR_DELETE(trigger->tgtype);
		case CMD_INSERT:
			if (TRIGGER_FOR_INSERT(trigger->tgtype))
				return true;
			if (query->onConflict == NULL ||
				query->onConflict->action != ONCONFLICT_UPDATE)
				return false;
			break;
		default:
			break;
	}
	return TRIGGER_FOR_UPDATE(trigger->tgtype) &&
		fires_for_columns(trigger, changed_columns(query));
}

/*
 * A trigger that runs before the row is written may change any column, and so
 * have others fire.
 */
static bool
has_triggers(Relation rel, Query *query)
{
	TriggerDesc *triggers = rel->trigdesc;

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		if (fires(&triggers->triggers[i], query))
			return true;
	}
	return false;
}

/* ---------- partitions ---------- */

bool
neon_decides_partition(Relation rel, List *columns)
{
	Bitmapset  *used = NULL;
	ListCell   *lc;

	if (!rel->rd_rel->relispartition || columns == NIL)
		return false;
	pull_varattnos((Node *) RelationGetPartitionQual(rel), 1, &used);
	foreach(lc, columns)
	{
		if (bms_is_member(abs(lfirst_int(lc)) -
						  FirstLowInvalidHeapAttributeNumber, used))
			return true;
	}
	return false;
}

/* ---------- the whole ---------- */

bool
neon_is_target_shippable(Query *query)
{
	RangeTblEntry *rte = rt_fetch(query->resultRelation, query->rtable);
	Relation	rel;
	bool		result;

	if (!neon_is_own_target(rte) || rte->securityQuals != NIL ||
		(rte->inh && has_subclass(rte->relid)))
		return false;
	rel = table_open(rte->relid, NoLock);
	result = !has_triggers(rel, query) &&
		!neon_decides_partition(rel, changed_columns(query));
	table_close(rel, NoLock);
	return result;
}
