/*-------------------------------------------------------------------------
 *
 * deparse/array_text.c
 *		Arrays of texts: their text form, and the SQL that makes rows of them.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "deparse/array_text.h"

void
neon_array_append(StringInfo buf, const char *element)
{
	appendStringInfoChar(buf, buf->len == 0 ? '{' : ',');
	if (element == NULL)
	{
		appendStringInfoString(buf, "NULL");
		return;
	}
	appendStringInfoChar(buf, '"');
	while (*element != '\0')
	{
		size_t		plain = strcspn(element, "\"\\");

		appendBinaryStringInfo(buf, element, plain);
		element += plain;
		if (*element != '\0')
		{
			appendStringInfoChar(buf, '\\');
			appendStringInfoChar(buf, *element++);
		}
	}
	appendStringInfoChar(buf, '"');
}

void
neon_array_end(StringInfo buf)
{
	if (buf->len == 0)
		appendStringInfoChar(buf, '{');
	appendStringInfoChar(buf, '}');
}

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
