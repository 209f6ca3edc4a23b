/*-------------------------------------------------------------------------
 *
 * deparse/remote_sql.c
 *		A remote statement that is being built.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "deparse/remote_sql.h"

void
neon_sql_init(NeonRemoteSql *sql, NeonShipContext *ship)
{
	sql->ship = ship;
	initStringInfo(&sql->text);
	sql->params = NIL;
	sql->numbers = NULL;
	sql->names = NIL;
	sql->with_alias = false;
	sql->grouping = NIL;
}

/* Position of a relation in the throw-away range table, from 1. */
int
neon_sql_alias(NeonRemoteSql *sql, Index relid)
{
	int			n = 0;
	int			member = -1;

	while ((member = bms_next_member(sql->ship->relids, member)) >= 0)
	{
		n++;
		if (member == relid)
			return n;
	}
	elog(ERROR, "range table index %u is not a remote relation", relid);
}

int
neon_sql_new_param(NeonRemoteSql *sql, Node *expr)
{
	sql->params = lappend(sql->params, copyObject(expr));
	return list_length(sql->params);
}
