/*-------------------------------------------------------------------------
 *
 * json/request.c
 *		JSON text of a batch of statements.
 *
 * Every parameter travels as a string or null, which is exact.  The text is
 * written straight into one buffer, in portions that need no escape: requests
 * may be tens of megabytes, and a tree of JSON objects would hold
 * all of it a second time.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#include "json/plain.h"
#include "json/request.h"

/* The most that an escape makes of one byte: \u001f. */
#define MAX_ESCAPE	6

/* Bytes of a string in JSON, its quotes included. */
static uint64
escaped_length(const char *s)
{
	uint64		n = 2;

	for (; *s; s++)
	{
		switch (*s)
		{
			case '"':
			case '\\':
			case '\b':
			case '\f':
			case '\n':
			case '\r':
			case '\t':
				n += 2;
				break;
			default:
				n += (unsigned char) *s < ' ' ? MAX_ESCAPE : 1;
				break;
		}
	}
	return n;
}

static bool
fits(StringInfo buf, uint64 n)
{
	return buf->len + n < MaxAllocSize;
}

/*
 * Throws an error about the size of the user's data, which enlargeStringInfo()
 * would call "out of memory".
 */
static void
too_large(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("request to the Neon endpoint is too large"),
			 errdetail("A request cannot have more than %zu bytes.",
					   (size_t) MaxAllocSize - 1)));
}

static void
append_text(StringInfo buf, const char *text)
{
	if (!fits(buf, strlen(text)))
		too_large();
	appendStringInfoString(buf, text);
}

static void
append_escape(StringInfo buf, char c)
{
	static const char letters[][2] = {
		{'"', '"'}, {'\\', '\\'}, {'\b', 'b'}, {'\f', 'f'}, {'\n', 'n'},
		{'\r', 'r'}, {'\t', 't'}
	};

	for (int i = 0; i < lengthof(letters); i++)
	{
		if (letters[i][0] != c)
			continue;
		appendStringInfoCharMacro(buf, '\\');
		appendStringInfoChar(buf, letters[i][1]);
		return;
	}
	appendStringInfo(buf, "\\u%04x", (unsigned char) c);
}

/* As escape_json() does, which before version 18 looks at each byte alone. */
static void
append_escaped(StringInfo buf, const char *s, size_t n)
{
	bool		ascii;

	appendStringInfoCharMacro(buf, '"');
	for (;;)
	{
		size_t		plain;

		enlargeStringInfo(buf, (int) n + 1);
		plain = neon_copy_plain(buf->data + buf->len, s, n, &ascii);
		buf->len += (int) plain;
		if (plain == n)
			break;
		append_escape(buf, s[plain]);
		s += plain + 1;
		n -= plain + 1;
	}
	appendStringInfoChar(buf, '"');
}

static void
append_string(StringInfo buf, const char *s)
{
	size_t		n = strlen(s);
	char	   *utf8;

	/* before it is given to what counts in int */
	if (!fits(buf, n))
		too_large();
	utf8 = pg_server_to_any(s, (int) n, PG_UTF8);
	if (utf8 != s)
		n = strlen(utf8);
	/* counting is a pass over the string, which is seldom needed */
	if (!fits(buf, (uint64) n * MAX_ESCAPE + 2) &&
		!fits(buf, escaped_length(utf8)))
		too_large();
	append_escaped(buf, utf8, n);
	if (utf8 != s)
		pfree(utf8);
}

static void
append_query(StringInfo buf, const NeonQuery *query)
{
	append_text(buf, "{\"query\":");
	append_string(buf, query->sql);
	append_text(buf, ",\"params\":[");
	for (int i = 0; i < query->nparams; i++)
	{
		if (i > 0)
			append_text(buf, ",");
		if (query->params[i] == NULL)
			append_text(buf, "null");
		else
			append_string(buf, query->params[i]);
	}
	append_text(buf, "]}");
}

char *
neon_request_body(const NeonQuery *queries, int nqueries, size_t *len)
{
	StringInfoData buf;

	initStringInfo(&buf);
	append_text(&buf, "{\"queries\":[");
	for (int i = 0; i < nqueries; i++)
	{
		if (i > 0)
			append_text(&buf, ",");
		append_query(&buf, &queries[i]);
	}
	append_text(&buf, "]}");

	*len = buf.len;
	return buf.data;
}

char *
neon_request_single_body(const NeonQuery *query, size_t *len)
{
	StringInfoData buf;

	initStringInfo(&buf);
	append_query(&buf, query);
	*len = buf.len;
	return buf.data;
}

const char **
neon_one_param(const char *value)
{
	const char **params = palloc(sizeof(char *));

	params[0] = value;
	return params;
}

void
neon_query_copy(NeonQuery *copy, const NeonQuery *query)
{
	const char **params = palloc((query->nparams + 1) * sizeof(char *));

	for (int i = 0; i < query->nparams; i++)
		params[i] = query->params[i] != NULL ? pstrdup(query->params[i]) : NULL;
	*copy = *query;
	copy->sql = pstrdup(query->sql);
	copy->shown = query->shown != NULL ? pstrdup(query->shown) : NULL;
	copy->turns = query->turns != NULL ? pstrdup(query->turns) : NULL;
	copy->reads = query->reads != NULL ? pstrdup(query->reads) : NULL;
	copy->params = params;
}
