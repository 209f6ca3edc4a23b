/*-------------------------------------------------------------------------
 *
 * deparse/values.c
 *		Rows of values that travel as arrays, one for each column.
 *
 * A parameter for each value costs more than the values: to plan, to print, and
 * for the remote to read.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "deparse/values.h"
#include "option/remote_type.h"

/* Fewer values than this are printed as VALUES: that is easier to read. */
#define MIN_VALUES	100

void
neon_append_unnest(StringInfo buf, int first, int n, bool numbered)
{
	appendStringInfoString(buf, "unnest(");
	for (int i = 0; i < n; i++)
		appendStringInfo(buf, "%s$%d::text[]", i > 0 ? ", " : "", first + i);
	appendStringInfo(buf, ")%s AS u(", numbered ? " WITH ORDINALITY" : "");
	for (int i = 1; i <= n; i++)
		appendStringInfo(buf, "%sc%d", i > 1 ? ", " : "", i);
	appendStringInfoString(buf, numbered ? ", n)" : ")");
}

/* ---------- making parameters ---------- */

/* A value whose type, and the collation of that, are those of the column. */
static bool
is_plain(Node *value, Oid type)
{
	return exprType(value) == type && type != UNKNOWNOID &&
		exprCollation(value) == get_typcollation(type);
}

static bool
are_plain_and_local(NeonRemoteSql *sql, NeonLocalMemo *memo, List *rows,
					bool conditional)
{
	ListCell   *lc;
	ListCell   *lc2;
	ListCell   *lc3;

	foreach(lc, rows)
	{
		forboth(lc2, (List *) lfirst(lc), lc3, (List *) linitial(rows))
		{
			if (!is_plain(lfirst(lc2), exprType(lfirst(lc3))) ||
				!neon_is_local_part(sql->ship, memo, lfirst(lc2), conditional))
				return false;
		}
	}
	return true;
}

List *
neon_values_as_arrays(NeonRemoteSql *sql, NeonLocalMemo *memo, List *rows,
					  bool conditional)
{
	int			ncolumns = list_length(linitial(rows));
	List	  **columns;
	List	   *params = NIL;
	ListCell   *lc;
	ListCell   *lc2;

	if (list_length(rows) < 2 || list_length(rows) * ncolumns < MIN_VALUES ||
		!are_plain_and_local(sql, memo, rows, conditional))
		return NIL;
	columns = palloc0(ncolumns * sizeof(List *));
	foreach(lc, rows)
	{
		int			i = 0;

		foreach(lc2, (List *) lfirst(lc))
		{
			columns[i] = lappend(columns[i], lfirst(lc2));
			i++;
		}
	}
	for (int i = 0; i < ncolumns; i++)
	{
		Param	   *param = makeNode(Param);

		param->paramkind = PARAM_EXTERN;
		param->paramid = neon_sql_new_param(sql, (Node *) columns[i]);
		param->paramtype = TEXTARRAYOID;
		param->paramtypmod = -1;
		param->location = -1;
		params = lappend(params, param);
	}
	return list_make1(params);
}

/* ---------- printing ---------- */

bool
neon_are_values_arrays(NeonRemoteSql *sql, List *rows)
{
	Param	   *param = linitial((List *) linitial(rows));

	return IsA(param, Param) && param->paramkind == PARAM_EXTERN &&
		IsA(list_nth(sql->params, param->paramid - 1), List);
}

void
neon_sql_append_arrays(NeonRemoteSql *sql, List *rows, List *colnames)
{
	NeonShipContext *ship = sql->ship;
	List	   *params = linitial(rows);
	StringInfo	text = &sql->text;
	int			n = 0;
	ListCell   *lc;
	ListCell   *lc2;

	appendStringInfoString(text, "(SELECT ");
	forboth(lc, params, lc2, colnames)
	{
		Param	   *param = lfirst_node(Param, lc);
		List	   *column = list_nth(sql->params, param->paramid - 1);

		n++;
		appendStringInfo(text, "%su.c%d::%s AS %s", n > 1 ? ", " : "", n,
						 neon_remote_type_name(ship->extensions, ship->types,
											   exprType(linitial(column))),
						 quote_identifier(strVal(lfirst(lc2))));
	}
	appendStringInfoString(text, " FROM ");
	neon_append_unnest(text, linitial_node(Param, params)->paramid, n, false);
	appendStringInfoChar(text, ')');
}
