/*-------------------------------------------------------------------------
 *
 * json/unescape.c
 *		Resumable decoding of JSON strings into one growing buffer.
 *
 * This is where the bytes of a large reply are touched, so runs of plain
 * bytes are found and copied in one go, 16 at a time where SSE2 is at hand.
 * UTF-8 is verified once per string, and only if it has a high byte.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifdef FRONTEND
#include "postgres_fe.h"
#else
#include "postgres.h"
#endif

#include "mb/pg_wchar.h"

#include "json/plain.h"
#include "json/unescape.h"
#ifndef FRONTEND
#include "utils/memutils.h"
#endif

/* Every x86-64 has it; elsewhere the loop over bytes does. */
#ifdef FRONTEND
#define repalloc_huge(pointer, size) repalloc(pointer, size)
#endif

/*
 * The buffer holds one row.  Up to UNESCAPE_KEEP bytes it is never given
 * back, so that ordinary rows do not allocate at all; beyond, it is cut when
 * a row needed less than a quarter of it.
 */
#define UNESCAPE_INITIAL	((size_t) 16 * 1024)
#define UNESCAPE_KEEP		((size_t) 1024 * 1024)

/*
 * Plain bytes are copied in portions, so that the buffer grows with the
 * string and not with the chunk of input that it stands in.
 */
#define UNESCAPE_PORTION	((size_t) 4096)

/*
 * No row is larger than a message of PostgreSQL's own protocol may be, 1 GB,
 * or what a hostile or broken endpoint sends would fill the memory.  A portion
 * is reserved before it is known how much of it belongs to the row.
 */
#define UNESCAPE_MAX		((size_t) MaxAllocSize + UNESCAPE_PORTION)

/* Places inside an escape, in the order in which they are passed. */
enum
{
	ESCAPE_NONE = 0,
	ESCAPE_LOW,					/* the backslash of the pair's second half */
	ESCAPE_CHAR,				/* the byte after the backslash */
	ESCAPE_HEX1,
	ESCAPE_HEX2,
	ESCAPE_HEX3,
	ESCAPE_HEX4
};

void
neon_unescape_init(NeonUnescape *u)
{
	memset(u, 0, sizeof(NeonUnescape));
	u->size = UNESCAPE_INITIAL;
	u->data = palloc(u->size);
	u->ascii = true;
}

void
neon_unescape_free(NeonUnescape *u)
{
	pfree(u->data);
	u->data = NULL;
}

void
neon_unescape_reset(NeonUnescape *u)
{
	if (u->size > UNESCAPE_KEEP && u->used < u->size / 4)
	{
		u->size = Max(u->used * 2, UNESCAPE_KEEP);
		/* not pfree and palloc: that could move to another memory context */
		u->data = repalloc_huge(u->data, u->size);
	}
	u->used = 0;
}

void
neon_unescape_begin(NeonUnescape *u, size_t limit)
{
	u->start = u->used;
	u->length = 0;
	u->limit = limit;
	u->ascii = true;
	u->escape = ESCAPE_NONE;
	u->surrogate = 0;
}

static NeonUnescapeResult
broken(NeonUnescape *u, const char *problem, bool blame_start)
{
	strlcpy(u->problem, problem, sizeof(u->problem));
	u->blame_start = blame_start;
	return NEON_UNESCAPE_BROKEN;
}

static NeonUnescapeResult
too_long(NeonUnescape *u)
{
	snprintf(u->problem, sizeof(u->problem),
			 "string is longer than %zu bytes", u->limit);
	u->blame_start = true;
	return NEON_UNESCAPE_BROKEN;
}

/* Makes room for n more bytes and the NUL. */
static bool
reserve(NeonUnescape *u, size_t n)
{
	size_t		needed = u->used + n + 1;
	size_t		size = u->size;

	if (likely(needed <= size))
		return true;
	if (needed > UNESCAPE_MAX)
		return false;
	while (size < needed)
		size *= 2;
	size = Min(size, UNESCAPE_MAX);
	u->data = repalloc_huge(u->data, size);
	u->size = size;
	return true;
}

/* Appends a character of 1 to 4 bytes. */
static NeonUnescapeResult
append_char(NeonUnescape *u, uint32 c)
{
	int			len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	if (u->used - u->start + len > u->limit)
		return too_long(u);
	if (!reserve(u, len))
		return broken(u, "row is larger than 1 GB", true);
	unicode_to_utf8(c, (unsigned char *) u->data + u->used);
	u->used += len;
	if (len > 1)
		u->ascii = false;
	u->escape = ESCAPE_NONE;
	return NEON_UNESCAPE_MORE;
}

/* The four digits after \u are complete. */
static NeonUnescapeResult
end_code(NeonUnescape *u)
{
	uint32		c = u->code;

	if (u->surrogate != 0)
	{
		if (!is_utf16_surrogate_second(c))
			return broken(u, "lone surrogate in a string", false);
		c = surrogate_pair_to_codepoint(u->surrogate, c);
		u->surrogate = 0;
	}
	else if (is_utf16_surrogate_first(c))
	{
		u->surrogate = c;
		u->escape = ESCAPE_LOW;
		return NEON_UNESCAPE_MORE;
	}
	else if (is_utf16_surrogate_second(c))
		return broken(u, "lone surrogate in a string", false);
	else if (c == 0)
		return broken(u, "\\u0000 in a string", false);
	return append_char(u, c);
}

static NeonUnescapeResult
hex_digit(NeonUnescape *u, char c)
{
	uint32		digit;

	if (c >= '0' && c <= '9')
		digit = c - '0';
	else if (c >= 'a' && c <= 'f')
		digit = c - 'a' + 10;
	else if (c >= 'A' && c <= 'F')
		digit = c - 'A' + 10;
	else
		return broken(u, "malformed \\u escape in a string", false);
	u->code = u->code << 4 | digit;
	if (u->escape == ESCAPE_HEX4)
		return end_code(u);
	u->escape++;
	return NEON_UNESCAPE_MORE;
}

/* Takes one byte of an escape; MORE means that all is well so far. */
static NeonUnescapeResult
escape_byte(NeonUnescape *u, char c)
{
	if (u->escape >= ESCAPE_HEX1)
		return hex_digit(u, c);

	/* after the first half of a pair nothing but \u may come */
	if (u->surrogate != 0 && c != (u->escape == ESCAPE_LOW ? '\\' : 'u'))
		return broken(u, "lone surrogate in a string", false);
	if (u->escape == ESCAPE_LOW)
	{
		u->escape = ESCAPE_CHAR;
		return NEON_UNESCAPE_MORE;
	}

	switch (c)
	{
		case '"':
		case '\\':
		case '/':
			return append_char(u, c);
		case 'b':
			return append_char(u, '\b');
		case 'f':
			return append_char(u, '\f');
		case 'n':
			return append_char(u, '\n');
		case 'r':
			return append_char(u, '\r');
		case 't':
			return append_char(u, '\t');
		case 'u':
			u->escape = ESCAPE_HEX1;
			u->code = 0;
			return NEON_UNESCAPE_MORE;
		default:
			return broken(u, "unknown escape in a string", false);
	}
}

/* The closing quote was consumed. */
static NeonUnescapeResult
end_string(NeonUnescape *u)
{
	size_t		length = u->used - u->start;

	/* the caller's limit is below INT_MAX */
	if (!u->ascii &&
		pg_encoding_verifymbstr(PG_UTF8, u->data + u->start,
								(int) length) != (int) length)
		return broken(u, "invalid UTF-8 in a string", true);
	u->data[u->used++] = '\0';
	u->length = length;
	return NEON_UNESCAPE_DONE;
}

NeonUnescapeResult
neon_unescape_continue(NeonUnescape *u, const char **cur, const char *end)
{
	const char *p = *cur;
	NeonUnescapeResult result = NEON_UNESCAPE_MORE;

	while (p < end && result == NEON_UNESCAPE_MORE)
	{
		size_t		n;
		size_t		portion;

		if (u->escape != ESCAPE_NONE)
		{
			result = escape_byte(u, *p);
			/* a bad byte is not consumed: it is the place of the problem */
			if (result == NEON_UNESCAPE_MORE)
				p++;
			continue;
		}

		/* one byte more than the limit is enough to see that it is passed */
		portion = u->limit - (u->used - u->start) + 1;
		portion = Min(portion, Min((size_t) (end - p), UNESCAPE_PORTION));
		if (!reserve(u, portion))
		{
			result = broken(u, "row is larger than 1 GB", true);
			break;
		}
		n = neon_copy_plain(u->data + u->used, p, portion, &u->ascii);
		u->used += n;
		p += n;
		if (u->used - u->start > u->limit)
			result = too_long(u);
		else if (n == portion)
			continue;
		else if (*p == '"')
		{
			p++;
			result = end_string(u);
		}
		else if (*p == '\\')
		{
			p++;
			u->escape = ESCAPE_CHAR;
		}
		else
			result = broken(u, "unescaped control character in a string",
							false);
	}

	*cur = p;
	return result;
}

bool
neon_unescape_whole(NeonUnescape *u, size_t limit, const char **cur,
					const char *end)
{
	size_t		room = u->size - u->used;	/* none behind a full buffer's NUL */
	size_t		portion = Min((size_t) (end - *cur), Max(room, 1) - 1);
	size_t		n;

	neon_unescape_begin(u, limit);
	n = neon_copy_plain(u->data + u->used, *cur, portion, &u->ascii);
	if (n == portion || n > limit || (*cur)[n] != '"')
	{
		/* with an escape, or longer than the buffer */
		neon_unescape_begin(u, limit);
		return neon_unescape_continue(u, cur, end) == NEON_UNESCAPE_DONE;
	}
	u->used += n;
	*cur += n + 1;
	if (unlikely(!u->ascii))
		return end_string(u) == NEON_UNESCAPE_DONE;
	u->data[u->used++] = '\0';
	u->length = n;
	return true;
}
