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
#include "catalog/pg_class.h"
#include "executor/executor.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "option/option.h"
#include "storage/itemptr.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "compat/compat.h"
#include "modify/begin.h"
#include "modify/insert_shape.h"
#include "modify/plan.h"
#include "ship/target.h"
#include "transaction/alone.h"
#include "transaction/transaction.h"

/* The columns that an UPDATE names, see modify/rows.h. */
static List *
updated_columns(NeonModify *modify, EState *estate, ResultRelInfo *result,
				List *defaults)
{
	TupleDesc	desc = RelationGetDescr(modify->rel);
	Bitmapset  *named = ExecGetUpdatedCols(result, estate);
	List	   *columns = NIL;

	for (int i = 1; i <= desc->natts; i++)
	{
		if (neon_is_written_column(TupleDescAttr(desc, i - 1)) &&
			bms_is_member(i - FirstLowInvalidHeapAttributeNumber, named))
			columns = lappend_int(columns,
								  list_member_int(defaults, i) ? -i : i);
	}
	return columns;
}

static UserMapping *
find_user(EState *estate, ResultRelInfo *result)
{
	Oid			userid = neon_result_user(result, estate);
	ForeignTable *table;

	table = GetForeignTable(RelationGetRelid(result->ri_RelationDesc));
	return neon_user_mapping(userid, table->serverid);
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
		neon_insert_require(modify, estate, result, private == NIL ? NIL :
							list_nth(private, NEON_MODIFY_NAMED),
							all_columns);
	else if (operation == CMD_UPDATE)
	{
		modify->shape = updated_columns(modify, estate, result,
										list_nth(private,
												 NEON_MODIFY_DEFAULTS));
		modify->compares = result->ri_TrigDesc != NULL &&
			result->ri_TrigDesc->trig_update_before_row;
		modify->checks_partition = rel->rd_rel->relispartition &&
			(modify->compares || neon_decides_partition(rel, modify->shape));
	}
	return modify;
}

/*
 * Does the statement read foreign tables?  What it reads must not be what it
 * has written itself.  COPY only reads a file.
 */
static bool
reads_foreign_tables(EState *estate)
{
	ListCell   *lc;

	if (estate->es_plannedstmt == NULL)
		return false;
	foreach(lc, estate->es_range_table)
	{
		RangeTblEntry *rte = lfirst_node(RangeTblEntry, lc);

		if (rte->rtekind == RTE_RELATION &&
			rte->relkind == RELKIND_FOREIGN_TABLE &&
			!neon_is_target(estate->es_plannedstmt,
							foreach_current_index(lc) + 1))
			return true;
	}
	return false;
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
		!neon_ends_transaction(estate) &&
		!(estate->es_plannedstmt == NULL &&
		  neon_utility_ends_transaction(T_CopyStmt));
	modify->streams = modify->autocommit &&
		modify->operation == CMD_INSERT && !reads_foreign_tables(estate);
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
