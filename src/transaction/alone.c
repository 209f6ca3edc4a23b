/*-------------------------------------------------------------------------
 *
 * transaction/alone.c
 *		Does a transaction end with a statement?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"

#include "transaction/alone.h"
#include "transaction/client.h"

/*
 * Does the transaction go on until the client says otherwise?  Since 18 the
 * statements of a pipeline behind the first one are in a block, too, without
 * BEGIN: that one ends at Sync.  PostgreSQL tells it from others only by what
 * ends it, and makes it anew.  In the simple protocol such a block is that of
 * several statements in one message.
 */
static bool
in_block(void)
{
	if (!IsTransactionBlock() || neon_client_is_simple())
		return IsTransactionBlock();
	EndImplicitTransactionBlock();
	if (IsTransactionBlock())
		return true;
	BeginImplicitTransactionBlock();
	return false;
}

/*
 * Does the transaction end with the statement that the client has sent?  In
 * the simple protocol it does, unless there is a BEGIN; in the extended one,
 * if Sync is next.
 */
static bool
ends_transaction(void)
{
	return !in_block() && !IsSubTransaction() &&
		(neon_client_is_simple() || neon_client_next() == NEON_CLIENT_SYNC);
}

/*
 * Has PostgreSQL commit the transaction before the client hears of the
 * statement's success.  In the extended protocol it would be committed after
 * that, at Sync.  In the block of a pipeline it would not be at all.
 */
static bool
commit_with_statement(void)
{
	EndImplicitTransactionBlock();
	MyXactFlags |= XACT_FLAGS_NEEDIMMEDIATECOMMIT;
	return true;
}

bool
neon_stands_alone(EState *estate)
{
	return neon_client_statement(estate) && ends_transaction();
}

bool
neon_ends_transaction(EState *estate)
{
	return neon_stands_alone(estate) && commit_with_statement();
}

bool
neon_utility_ends_transaction(NodeTag kind)
{
	PlannedStmt *stmt = neon_client_only_statement();

	return stmt != NULL && stmt->utilityStmt != NULL &&
		nodeTag(stmt->utilityStmt) == kind && ends_transaction() &&
		commit_with_statement();
}

bool
neon_locks_and_writes(PlannedStmt *stmt)
{
	ListCell   *lc;

	if (stmt->commandType == CMD_SELECT && !stmt->hasModifyingCTE)
		return false;
	foreach(lc, stmt->rowMarks)
	{
		if (lfirst_node(PlanRowMark, lc)->strength != LCS_NONE)
			return true;
	}
	return false;
}
