/*-------------------------------------------------------------------------
 *
 * modify/begin.c
 *		What a statement needs to write to a foreign table.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "access/xact.h"
#include "executor/executor.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "storage/itemptr.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "compat/compat.h"
#include "modify/begin.h"
#include "modify/plan.h"
#include "transaction/alone.h"
#include "transaction/transaction.h"

static bool
is_written(Form_pg_attribute attr)
{
	return !attr->attisdropped && attr->attgenerated == '\0';
}

/*
 * Which columns an INSERT sends in any case.  Others are left to the remote,
 * unless something here has given them a value.  Of rows that are routed here
 * from a partitioned table, those that were named there; of rows that are
 * moved, all.
 */
static void
set_required(NeonModify *modify, EState *estate, ResultRelInfo *result,
			 List *private, bool all_columns)
{
	TupleDesc	desc = RelationGetDescr(modify->rel);
	Bitmapset  *named = private == NIL && !all_columns ?
		ExecGetInsertedCols(result, estate) : NULL;
	List	   *planned = private != NIL ?
		list_nth(private, NEON_MODIFY_NAMED) : NIL;

	modify->required = palloc0(sizeof(bool) * Max(desc->natts, 1));
	for (int i = 1; i <= desc->natts; i++)
	{
		modify->required[i - 1] = is_written(TupleDescAttr(desc, i - 1)) &&
			(all_columns || list_member_int(planned, i) ||
			 bms_is_member(i - FirstLowInvalidHeapAttributeNumber, named));
	}
}

/* The columns that an UPDATE names. */
static List *
updated_columns(NeonModify *modify, EState *estate, ResultRelInfo *result)
{
	TupleDesc	desc = RelationGetDescr(modify->rel);
	Bitmapset  *named = ExecGetUpdatedCols(result, estate);
	List	   *columns = NIL;

	for (int i = 1; i <= desc->natts; i++)
	{
		if (is_written(TupleDescAttr(desc, i - 1)) &&
			bms_is_member(i - FirstLowInvalidHeapAttributeNumber, named))
			columns = lappend_int(columns, i);
	}
	return columns;
}

static UserMapping *
find_user(EState *estate, ResultRelInfo *result)
{
	Oid			userid = neon_result_user(result, estate);
	ForeignTable *table;

	table = GetForeignTable(RelationGetRelid(result->ri_RelationDesc));
	return GetUserMapping(OidIsValid(userid) ? userid : GetUserId(),
						  table->serverid);
}

NeonModify *
neon_modify_begin(EState *estate, ResultRelInfo *result, CmdType operation,
				  List *private, bool all_columns)
{
	NeonModify *modify = palloc0(sizeof(NeonModify));
	Relation	rel = result->ri_RelationDesc;

	modify->operation = operation;
	modify->rel = rel;
	neon_modify_sql_init(&modify->sql, rel);
	if (private != NIL)
	{
		modify->returned = list_nth(private, NEON_MODIFY_RETURNED);
		modify->sql.override = intVal(list_nth(private, NEON_MODIFY_OVERRIDE));
		modify->sql.do_nothing = boolVal(list_nth(private,
												  NEON_MODIFY_DO_NOTHING));
		modify->hands_back = modify->returned != NIL &&
			operation != CMD_DELETE;
	}
	if (operation == CMD_INSERT)
		set_required(modify, estate, result, private, all_columns);
	else if (operation == CMD_UPDATE)
	{
		modify->shape = updated_columns(modify, estate, result);
		modify->compares = result->ri_TrigDesc != NULL &&
			result->ri_TrigDesc->trig_update_before_row;
	}
	return modify;
}

void
neon_modify_start(NeonModify *modify, EState *estate, ResultRelInfo *result)
{
	modify->user = find_user(estate, result);
	/* COPY does not set the executor's */
	modify->cid = estate->es_plannedstmt == NULL ? GetCurrentCommandId(true) :
		estate->es_output_cid;
	modify->autocommit = neon_transaction_autocommit(modify->user);
	modify->rehearses = !modify->autocommit &&
		!neon_stands_alone(estate) &&
		!(estate->es_plannedstmt == NULL &&
		  neon_utility_stands_alone(T_CopyStmt));
	modify->printer = neon_row_printer(RelationGetDescr(modify->rel));
	modify->row_context = AllocSetContextCreate(CurrentMemoryContext,
												"neon_http_fdw row",
												ALLOCSET_DEFAULT_SIZES);
}

/* ---------- rows to be changed ---------- */

void
neon_modify_find_rows(NeonModify *modify, Plan *subplan)
{
	TupleDesc	desc = RelationGetDescr(modify->rel);
	List	   *tlist = subplan->targetlist;
	HASHCTL		ctl = {0};

	modify->ctid = ExecFindJunkAttributeInTlist(tlist, "ctid");
	modify->xmin = ExecFindJunkAttributeInTlist(tlist, "neon_xmin");
	modify->tableoid = ExecFindJunkAttributeInTlist(tlist, "neon_tableoid");
	modify->wholerow = ExecFindJunkAttributeInTlist(tlist, "wholerow");
	modify->keys = palloc0(sizeof(AttrNumber) * Max(desc->natts, 1));
	for (int i = 0; i < desc->natts; i++)
	{
		if (modify->sql.key[i])
			modify->keys[i] =
				ExecFindJunkAttributeInTlist(tlist,
											 neon_modify_key_name(desc, i + 1));
	}
	ctl.keysize = sizeof(NeonRowPlace);
	ctl.entrysize = sizeof(NeonRowPlace);
	ctl.hcxt = CurrentMemoryContext;
	modify->seen = hash_create("neon_http_fdw changed rows", 256, &ctl,
							   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}
