/*-------------------------------------------------------------------------
 *
 * plan/scan_statement.c
 *		The remote statement that scans one foreign table.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"

#include "deparse/deparse.h"
#include "option/remote_columns.h"
#include "plan/scan_statement.h"

static bool
is_used(NeonRelInfo *info, AttrNumber attnum)
{
	return bms_is_member(attnum - FirstLowInvalidHeapAttributeNumber,
						 info->attrs_used);
}

/*
 * Ordinary columns come in the order of the table.  Any use of a system column
 * fetches ctid: with it the row is stored as a tuple, whose header has the
 * other system columns.  xmin and the remote tableoid are fetched only where
 * they tell a row from its other versions, which matters if the row is to be
 * written or locked.
 */
List *
neon_scan_columns(RelOptInfo *rel)
{
	NeonRelInfo *info = rel->fdw_private;
	NeonRemoteColumns *columns = info->ship.columns[rel->relid];
	bool		whole_row = is_used(info, 0);
	List	   *result = NIL;
	int			i;

	for (i = 1; i <= columns->natts; i++)
	{
		if (columns->names[i - 1] != NULL && (whole_row || is_used(info, i)))
			result = lappend_int(result, i);
	}
	if (is_used(info, SelfItemPointerAttributeNumber) ||
		is_used(info, MinTransactionIdAttributeNumber) ||
		is_used(info, NEON_TABLEOID_ATTRIBUTE) ||
		is_used(info, MaxTransactionIdAttributeNumber) ||
		is_used(info, MaxCommandIdAttributeNumber))
		result = lappend_int(result, SelfItemPointerAttributeNumber);
	if (info->versioned != NULL &&
		is_used(info, MinTransactionIdAttributeNumber))
		result = lappend_int(result, MinTransactionIdAttributeNumber);
	if (info->versioned != NULL && is_used(info, NEON_TABLEOID_ATTRIBUTE))
		result = lappend_int(result, NEON_TABLEOID_ATTRIBUTE);
	return result;
}

NeonRemoteSql *
neon_scan_statement(RelOptInfo *rel, List *exprs)
{
	NeonRelInfo *info = rel->fdw_private;
	NeonRemoteSql *sql = palloc(sizeof(NeonRemoteSql));

	neon_sql_init(sql, &info->ship);
	neon_sql_append_scan(sql, rel->relid, info->table,
						 neon_scan_columns(rel), exprs);
	return sql;
}
