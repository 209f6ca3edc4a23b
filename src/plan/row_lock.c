/*-------------------------------------------------------------------------
 *
 * plan/row_lock.c
 *		Planning of SELECT ... FOR UPDATE and its like.
 *
 * PostgreSQL puts a node on top of the plan that locks only the rows which the
 * query returns.  This node knows a row by its ctid.  The scan also fetches
 * what tells one version of the row from the next, see scan/row_lock.c.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "foreign/foreign.h"
#include "nodes/makefuncs.h"
#include "parser/parsetree.h"

#include "compat/compat.h"
#include "option/remote_columns.h"
#include "plan/row_lock.h"

RowMarkType
neonGetForeignRowMarkType(RangeTblEntry *rte, LockClauseStrength strength)
{
	switch (strength)
	{
		case LCS_NONE:
			break;
		case LCS_FORKEYSHARE:
			return ROW_MARK_KEYSHARE;
		case LCS_FORSHARE:
			return ROW_MARK_SHARE;
		case LCS_FORNOKEYUPDATE:
			return ROW_MARK_NOKEYEXCLUSIVE;
		case LCS_FORUPDATE:
			return ROW_MARK_EXCLUSIVE;
	}
	return ROW_MARK_COPY;
}

/*
 * Rows are locked at the commit.  So the locks that others hold cannot be seen
 * while the statement runs.
 */
static void
refuse_wait_policy(LockWaitPolicy policy)
{
	const char *clause = policy == LockWaitSkip ? "SKIP LOCKED" : "NOWAIT";

	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("%s is not supported for foreign tables of neon_http_fdw",
					clause),
			 errdetail("Locks of other transactions are not seen before the commit, which checks that the rows have not changed."),
			 errhint("Leave %s out, or name the local tables in an OF clause.",
					 clause)));
}

static void
refuse_autocommit(Oid serverid)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("rows cannot be locked where each statement commits by itself"),
			 errdetail("Server \"%s\" has option \"transactions\" set to \"autocommit\".",
					   GetForeignServer(serverid)->servername),
			 errhint("Set the option to \"atomic\", or leave out FOR UPDATE or FOR SHARE.")));
}

static bool
is_locked(PlannerInfo *root, RelOptInfo *rel, LockWaitPolicy *policy)
{
	ListCell   *lc;

	foreach(lc, root->rowMarks)
	{
		PlanRowMark *mark = lfirst_node(PlanRowMark, lc);

		if (mark->rti == rel->relid && mark->strength != LCS_NONE)
		{
			*policy = mark->waitPolicy;
			return true;
		}
	}
	return false;
}

bool
neon_lock_rechecks(PlannerInfo *root)
{
	ListCell   *lc;

	if (root->parse->commandType != CMD_SELECT &&
		root->parse->commandType != CMD_INSERT)
		return true;

	/* Locking a row of a foreign table never finds that it has changed. */
	foreach(lc, root->rowMarks)
	{
		PlanRowMark *mark = lfirst_node(PlanRowMark, lc);

		if (mark->strength != LCS_NONE && !mark->isParent &&
			planner_rt_fetch(mark->rti, root)->relkind != RELKIND_FOREIGN_TABLE)
			return true;
	}
	return false;
}

/* Notes a column (Var) of a table that is needed to lock its rows. */
static void
add_lock_column(NeonRelInfo *info, Var *var)
{
	info->lock_columns = lappend(info->lock_columns, var);
	info->attrs_used = bms_add_member(info->attrs_used, var->varattno -
									  FirstLowInvalidHeapAttributeNumber);
}

void
neon_lock_plan(PlannerInfo *root, RelOptInfo *rel, NeonRelInfo *info)
{
	LockWaitPolicy policy;

	if (!is_locked(root, rel, &policy))
		return;
	if (policy != LockWaitBlock)
		refuse_wait_policy(policy);
	if (info->server->autocommit)
		refuse_autocommit(rel->serverid);
	info->versioned = bms_add_member(info->versioned, rel->relid);
	add_lock_column(info, makeVar(rel->relid, SelfItemPointerAttributeNumber,
								  TIDOID, -1, InvalidOid, 0));
	add_lock_column(info, makeVar(rel->relid, MinTransactionIdAttributeNumber,
								  XIDOID, -1, InvalidOid, 0));
	add_lock_column(info, makeVar(rel->relid, NEON_TABLEOID_ATTRIBUTE,
								  CIDOID, -1, InvalidOid, 0));

	/* The row that is formed again may need any column, to check conditions. */
	if (neon_lock_rechecks(root))
		add_lock_column(info,
						makeWholeRowVar(planner_rt_fetch(rel->relid, root),
										rel->relid, 0, false));
}
