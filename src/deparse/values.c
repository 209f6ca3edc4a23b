/*-------------------------------------------------------------------------
 *
 * deparse/values.c
 *		Rows of values that travel as arrays, one for each column.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "deparse/values.h"

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
