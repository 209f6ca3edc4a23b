/*-------------------------------------------------------------------------
 *
 * deparse/scan.c
 *		Print the scan of one table for the remote.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "access/transam.h"
#include "utils/builtins.h"

#include "deparse/deparse.h"

/*
 * The version of a row, 0 if this transaction has written it.  Each request
 * runs the queued writes again, in another remote transaction, whose number
 * means nothing later.  Of the rows that a remote transaction can see, only
 * those written by itself or its subtransactions (exception blocks in
 * triggers) have an xmin that is not older than itself.
 */
#define ROW_VERSION \
	"CASE WHEN age(%sxmin) <= 0 THEN '0'::xid ELSE %sxmin END"

void
neon_sql_append_column(NeonRemoteSql *sql, Index relid, AttrNumber attnum,
					   bool with_alias)
{
	StringInfo	text = &sql->text;
	char		prefix[16] = "";

	if (with_alias)
		snprintf(prefix, sizeof(prefix), "r%d.", neon_sql_alias(sql, relid));
	switch (attnum)
	{
		case SelfItemPointerAttributeNumber:
			appendStringInfo(text, "%sctid", prefix);
			break;
		case MinTransactionIdAttributeNumber:
			appendStringInfo(text, ROW_VERSION, prefix, prefix);
			break;
		case NEON_TABLEOID_ATTRIBUTE:
			appendStringInfo(text, "%stableoid", prefix);
			break;
		default:
			appendStringInfo(text, "%s%s", prefix,
							 quote_identifier(sql->ship->columns[relid]->names[attnum - 1]));
			break;
	}
}

void
neon_sql_append_columns(NeonRemoteSql *sql, Index relid, List *columns,
						bool with_alias)
{
	ListCell   *lc;

	if (columns == NIL)
		appendStringInfoString(&sql->text, "NULL");
	foreach(lc, columns)
	{
		if (lc != list_head(columns))
			appendStringInfoString(&sql->text, ", ");
		neon_sql_append_column(sql, relid, lfirst_int(lc), with_alias);
	}
}

void
neon_sql_append_scan(NeonRemoteSql *sql, Index relid, NeonTableOptions *table,
					 List *columns, List *conditions)
{
	appendStringInfoString(&sql->text, "SELECT ");
	neon_sql_append_columns(sql, relid, columns, false);
	appendStringInfo(&sql->text, " FROM %s",
					 quote_qualified_identifier(table->schema_name,
												table->table_name));
	if (conditions != NIL)
	{
		appendStringInfoString(&sql->text, " WHERE ");
		neon_sql_append_conditions(sql, conditions, false);
	}
}
