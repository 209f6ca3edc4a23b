/*-------------------------------------------------------------------------
 *
 * remote/error_text.c
 *		Texts from outside made fit to be shown.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#include "remote/error_text.h"

/* Beyond so many bytes a list is of no use in a message. */
#define LIST_LIMIT			1000

/* One character in any server encoding, with what a conversion needs. */
#define CONVERTED_SIZE	64

/* Appends the text as valid UTF-8 without control characters. */
static void
clean(StringInfo out, const char *text, size_t len, bool one_line)
{
	const char *end = text + len;

	while (text < end)
	{
		unsigned char c = (unsigned char) *text;
		int			charlen = 1;

		if (c >= 0x80)
		{
			charlen = pg_encoding_verifymbchar(PG_UTF8, text, end - text);
			/* C1 control characters are U+0080 to U+009F */
			if (charlen < 0)
			{
				appendStringInfoChar(out, '?');
				charlen = 1;
			}
			else if (c != 0xc2 || (unsigned char) text[1] >= 0xa0)
				appendBinaryStringInfo(out, text, charlen);
		}
		else if (one_line && (c == ' ' || (c >= '\t' && c <= '\r')))
		{
			if (out->len > 0 && out->data[out->len - 1] != ' ')
				appendStringInfoChar(out, ' ');
		}
		else if ((c >= ' ' && c != 0x7f) || c == '\n' || c == '\t')
			appendStringInfoChar(out, c);
		text += charlen;
	}
}

static void
redact(StringInfo text, const char *secret)
{
	StringInfoData out;
	const char *rest = text->data;
	const char *found = strstr(rest, secret);

	if (found == NULL)
		return;
	initStringInfo(&out);
	while (found != NULL)
	{
		appendBinaryStringInfo(&out, rest, found - rest);
		appendStringInfoString(&out, "***");
		rest = found + strlen(secret);
		found = strstr(rest, secret);
	}
	appendStringInfoString(&out, rest);
	pfree(text->data);
	*text = out;
}

/* Cuts the text to limit bytes, at the boundary of a character. */
static void
cut(StringInfo text, size_t limit)
{
	if (text->len <= limit)
		return;
	while (limit > 0 && ((unsigned char) text->data[limit] & 0xc0) == 0x80)
		limit--;
	text->len = limit;
	text->data[limit] = '\0';
	appendStringInfoString(text, "...");
}

/*
 * Converts the text to the server's encoding character by character, because a
 * conversion stops at the first one that it cannot convert.
 */
static char *
to_server(const StringInfoData *text)
{
	int			encoding = GetDatabaseEncoding();
	Oid			proc = InvalidOid;
	StringInfoData out;
	const char *p = text->data;

	if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII)
		return text->data;
	if (IsTransactionState())
		proc = FindDefaultConversionProc(PG_UTF8, encoding);
	initStringInfo(&out);
	while (*p != '\0')
	{
		int			charlen = pg_utf_mblen((const unsigned char *) p);
		unsigned char converted[CONVERTED_SIZE] = {0};

		if (charlen == 1)
			appendStringInfoChar(&out, *p);
		else if (OidIsValid(proc) &&
				 pg_do_encoding_conversion_buf(proc, PG_UTF8, encoding,
											   (unsigned char *) p, charlen,
											   converted, sizeof(converted),
											   true) == charlen)
			appendStringInfoString(&out, (char *) converted);
		else
			appendStringInfoChar(&out, '?');
		p += charlen;
	}
	return out.data;
}

static char *
show(const char *text, size_t len, size_t limit,
	 const NeonRedaction *redaction, bool one_line)
{
	StringInfoData buf;

	initStringInfo(&buf);
	clean(&buf, text, len, one_line);
	/* after cleaning, which could join the halves of a secret */
	for (const char *const *secret = redaction->secrets; *secret; secret++)
	{
		if (strlen(*secret) >= redaction->shortest)
			redact(&buf, *secret);
	}
	cut(&buf, limit);
	return to_server(&buf);
}

char *
neon_text_show(const char *text, size_t len, size_t limit,
			   const NeonRedaction *redaction)
{
	return show(text, len, limit, redaction, false);
}

char *
neon_text_show_line(const char *text, size_t len, size_t limit,
					const NeonRedaction *redaction)
{
	return show(text, len, limit, redaction, true);
}

void
neon_text_list(StringInfo list, const char *item)
{
	if (list->len < LIST_LIMIT)
		appendStringInfo(list, "%s%s", list->len > 0 ? ", " : "", item);
	else if (list->data[list->len - 1] != '.')
		appendStringInfoString(list, ", ...");
}
