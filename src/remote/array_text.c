/*-------------------------------------------------------------------------
 *
 * remote/array_text.c
 *		Text form of an array of texts, built element by element.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "remote/array_text.h"

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
neon_array_append_all(StringInfo buf, const char *array)
{
	appendStringInfoChar(buf, buf->len == 0 ? '{' : ',');
	appendBinaryStringInfo(buf, array + 1, strlen(array) - 2);
}

void
neon_array_end(StringInfo buf)
{
	if (buf->len == 0)
		appendStringInfoChar(buf, '{');
	appendStringInfoChar(buf, '}');
}

char *
neon_array_of_names(const NeonRemoteColumns *columns, List *attnos)
{
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	foreach(lc, attnos)
		neon_array_append(&buf, columns->names[lfirst_int(lc) - 1]);
	neon_array_end(&buf);
	return buf.data;
}
