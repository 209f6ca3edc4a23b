/*-------------------------------------------------------------------------
 *
 * modify/insert_shape.c
 *		Which columns of a row an INSERT sends.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "executor/executor.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "compat/compat.h"
#include "modify/defaults.h"
#include "modify/insert_shape.h"

/* Where the plan tells which columns of a row are DEFAULT. */
struct NeonRowDefaults
{
	AttrNumber	junk;			/* column of the plan's row */
	Relation	root;			/* the table by which columns are numbered,
								 * NULL: the one that is written to */
	char	   *text;			/* the last that was read, "" at first */
	List	   *columns;		/* what it says, as columns of the table */
};

bool
neon_is_written_column(Form_pg_attribute attr)
{
	return !attr->attisdropped && attr->attgenerated == '\0';
}

/*
 * Of rows that are routed here from a partitioned table, the columns that were
 * named there are sent; of rows that are moved, all.
 */
void
neon_insert_require(NeonModify *modify, EState *estate, ResultRelInfo *result,
					List *planned, bool all_columns)
{
	TupleDesc	desc = RelationGetDescr(modify->rel);
	Bitmapset  *named = planned == NIL && !all_columns ?
		ExecGetInsertedCols(result, estate) : NULL;

	modify->required = palloc0(sizeof(bool) * Max(desc->natts, 1));
	for (int i = 1; i <= desc->natts; i++)
	{
		modify->required[i - 1] =
			neon_is_written_column(TupleDescAttr(desc, i - 1)) &&
			(all_columns || list_member_int(planned, i) ||
			 bms_is_member(i - FirstLowInvalidHeapAttributeNumber, named));
	}
}

void
neon_insert_find_defaults(NeonModify *modify, ResultRelInfo *result,
						  Plan *plan)
{
	AttrNumber	junk = ExecFindJunkAttributeInTlist(plan->targetlist,
													NEON_DEFAULTS_COLUMN);

	if (junk == InvalidAttrNumber)
		return;
	modify->defaults = palloc0(sizeof(struct NeonRowDefaults));
	modify->defaults->junk = junk;
	modify->defaults->text = pstrdup("");
	if (result->ri_RootResultRelInfo != NULL)
		modify->defaults->root = result->ri_RootResultRelInfo->ri_RelationDesc;
}

static void
read_defaults(NeonModify *modify, const char *text)
{
	struct NeonRowDefaults *defaults = modify->defaults;
	MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(defaults));
	char	   *p = pstrdup(text);

	list_free(defaults->columns);
	pfree(defaults->text);
	defaults->text = p;
	defaults->columns = NIL;
	while (*p != '\0')
	{
		AttrNumber	attnum = strtol(p, &p, 10);

		if (defaults->root != NULL)
			attnum = get_attnum(RelationGetRelid(modify->rel),
								get_attname(RelationGetRelid(defaults->root),
											attnum, false));
		defaults->columns = lappend_int(defaults->columns, attnum);
	}
	MemoryContextSwitchTo(old);
}

/* The columns that a row has DEFAULT for; valid until the next call. */
static List *
row_defaults(NeonModify *modify, TupleTableSlot *plan_slot)
{
	bool		isnull;
	Datum		value;
	char	   *list;

	if (modify->defaults == NULL || plan_slot == NULL)
		return NIL;
	value = slot_getattr(plan_slot, modify->defaults->junk, &isnull);
	if (isnull)
		return NIL;
	list = TextDatumGetCString(value);
	if (strcmp(list, modify->defaults->text) != 0)
		read_defaults(modify, list);
	pfree(list);
	return modify->defaults->columns;
}

List *
neon_insert_shape(NeonModify *modify, TupleTableSlot *slot,
				  TupleTableSlot *plan_slot)
{
	TupleDesc	desc = RelationGetDescr(modify->rel);
	List	   *defaults = row_defaults(modify, plan_slot);
	List	   *shape = NIL;

	slot_getallattrs(slot);
	for (int i = 0; i < desc->natts; i++)
	{
		bool		wanted = modify->required[i] &&
			!list_member_int(defaults, i + 1);

		/* a trigger may have given a value to any column */
		if (wanted || (!slot->tts_isnull[i] &&
					   neon_is_written_column(TupleDescAttr(desc, i))))
			shape = lappend_int(shape, i + 1);
	}
	return shape;
}

List *
neon_insert_planned_shape(NeonModify *modify, TupleTableSlot *plan_slot)
{
	List	   *defaults = row_defaults(modify, plan_slot);
	List	   *shape = NIL;

	for (int i = 1; i <= modify->sql.natts; i++)
	{
		if (modify->required[i - 1] && !list_member_int(defaults, i))
			shape = lappend_int(shape, i);
	}
	return shape;
}
