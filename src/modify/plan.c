/*-------------------------------------------------------------------------
 *
 * modify/plan.c
 *		Planning of writes that go row by row.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/heap.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/pathnodes.h"
#include "optimizer/appendinfo.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"

#include "compat/compat.h"
#include "modify/defaults.h"
#include "modify/plan.h"
#include "option/option.h"
#include "option/remote_columns.h"
#include "option/table_cache.h"
#include "ship/target.h"

int
neonIsForeignRelUpdatable(Relation rel)
{
	ForeignTable *foreign = GetForeignTable(RelationGetRelid(rel));
	NeonServerOptions *server;
	NeonTableOptions *table = neon_table_options(RelationGetRelid(rel));

	server = neon_server_options(GetForeignServer(foreign->serverid));
	if (!neon_override(table->updatable, server->updatable))
		return 0;
	return (1 << CMD_INSERT) | (1 << CMD_UPDATE) | (1 << CMD_DELETE);
}

/*
 * Children of a partitioned table share a column of the plan if name, number
 * and type are the same; the name keeps others apart.
 */
char *
neon_modify_key_name(TupleDesc desc, AttrNumber attnum)
{
	Form_pg_attribute attr = TupleDescAttr(desc, attnum - 1);

	return psprintf("neon_key_%d_%u_%d_%u", attnum, attr->atttypid,
					attr->atttypmod, attr->attcollation);
}

static void
add_target(PlannerInfo *root, Index rtindex, AttrNumber attnum, Oid type,
		   const char *name)
{
	add_row_identity_var(root,
						 makeVar(rtindex, attnum, type, -1, InvalidOid, 0),
						 rtindex, name);
}

/*
 * A row is found again by its key or its ctid, and by its version: xmin and
 * the remote tableoid (see option/remote_columns.h).  A DELETE returns the row
 * that was read, which is deleted only if it still is the same.
 */
void
neonAddForeignUpdateTargets(PlannerInfo *root, Index rtindex,
							RangeTblEntry *target_rte,
							Relation target_relation)
{
	TupleDesc	desc = RelationGetDescr(target_relation);
	const NeonTable *table = neon_table(RelationGetRelid(target_relation));

	add_target(root, rtindex, SelfItemPointerAttributeNumber, TIDOID, "ctid");
	add_target(root, rtindex, MinTransactionIdAttributeNumber, XIDOID,
			   "neon_xmin");
	add_target(root, rtindex, NEON_TABLEOID_ATTRIBUTE, CIDOID,
			   "neon_tableoid");
	if (root->parse->commandType == CMD_DELETE &&
		root->parse->returningList != NIL)
		add_target(root, rtindex, InvalidAttrNumber, RECORDOID, "wholerow");
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attr = TupleDescAttr(desc, i);

		if (!attr->attisdropped && table->columns->key[i])
			add_row_identity_var(root,
								 makeVar(rtindex, i + 1, attr->atttypid,
										 attr->atttypmod, attr->attcollation,
										 0),
								 rtindex, neon_modify_key_name(desc, i + 1));
	}
}

/*
 * System columns that what comes back has no value for.  The row of an INSERT
 * or UPDATE is at another place when it is committed than it was when it was
 * rehearsed, and written by another transaction of the remote.
 */
void
neon_check_returned(Relation rel, Bitmapset *used, CmdType operation)
{
	ForeignTable *foreign = GetForeignTable(RelationGetRelid(rel));
	NeonServerOptions *server;
	bool		has_ctid;

	server = neon_server_options(GetForeignServer(foreign->serverid));
	has_ctid = operation == CMD_DELETE || server->autocommit;
	for (AttrNumber attnum = SelfItemPointerAttributeNumber;
		 attnum > TableOidAttributeNumber; attnum--)
	{
		if (!bms_is_member(attnum - FirstLowInvalidHeapAttributeNumber, used) ||
			(attnum == SelfItemPointerAttributeNumber && has_ctid))
			continue;
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot return system column \"%s\" of foreign table \"%s\"",
						NameStr(SystemAttributeDefinition(attnum)->attname),
						RelationGetRelationName(rel)),
				 attnum == SelfItemPointerAttributeNumber ?
				 errdetail("The row gets its place only when the transaction commits.") :
				 errdetail("Only the remote server knows the transactions that write its rows.")));
	}
}

/* The columns that RETURNING, a check or a trigger here looks at. */
static List *
returned_columns(Relation rel, Index relid, List *exprs, CmdType operation,
				 bool all)
{
	TupleDesc	desc = RelationGetDescr(rel);
	Bitmapset  *used = NULL;
	List	   *columns = NIL;

	pull_varattnos((Node *) exprs, relid, &used);
	neon_check_returned(rel, used, operation);
	all |= bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, used);
	for (int i = 1; i <= desc->natts; i++)
	{
		if (!TupleDescAttr(desc, i - 1)->attisdropped &&
			(all ||
			 bms_is_member(i - FirstLowInvalidHeapAttributeNumber, used)))
			columns = lappend_int(columns, i);
	}
	if (bms_is_member(SelfItemPointerAttributeNumber -
					  FirstLowInvalidHeapAttributeNumber, used))
		columns = lappend_int(columns, SelfItemPointerAttributeNumber);
	return columns;
}

static List *
nth_list(List *lists, int n)
{
	return lists != NIL ? (List *) list_nth(lists, n) : NIL;
}

List *
neonPlanForeignModify(PlannerInfo *root, ModifyTable *plan,
					  Index result_relation, int subplan_index)
{
	RangeTblEntry *rte = planner_rt_fetch(result_relation, root);
	Relation	rel = table_open(rte->relid, NoLock);
	TriggerDesc *triggers = rel->trigdesc;
	List	   *exprs;
	List	   *columns;
	bool		all = false;

	if (triggers != NULL && plan->operation == CMD_INSERT)
		all = triggers->trig_insert_after_row;
	else if (triggers != NULL && plan->operation == CMD_UPDATE)
		all = triggers->trig_update_after_row;
	exprs = list_concat_copy(nth_list(plan->returningLists, subplan_index),
							 nth_list(plan->withCheckOptionLists,
									  subplan_index));
	columns = returned_columns(rel, result_relation, exprs, plan->operation,
							   all);
	table_close(rel, NoLock);

	/*
	 * The target list of an INSERT has the columns that the statement names,
	 * except for DEFAULT where there is no default here, and those with a
	 * default here.
	 */
	return list_make5(columns, makeInteger(root->parse->override),
					  makeBoolean(plan->onConflictAction == ONCONFLICT_NOTHING),
					  plan->operation == CMD_INSERT ?
					  neon_target_columns(root->parse->targetList) : NIL,
					  neon_planned_defaults(root, result_relation));
}
