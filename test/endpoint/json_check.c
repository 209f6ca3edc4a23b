/*-------------------------------------------------------------------------
 *
 * json_check.c
 *		Is this JSON, and if not, where does it go wrong?
 *
 * json-c takes things that are no JSON and does not say where it stopped.
 * This reads a whole text before json-c does, and finds what the hosted
 * endpoint's parser finds, at the same place.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "json_check.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* So many arrays and objects in each other are too many. */
#define MAX_DEPTH 128

typedef struct Reader
{
	const unsigned char *text;
	size_t		len;
	size_t		at;				/* what comes next */
	int			depth;
	const char *problem;		/* NULL: none so far */
	size_t		where;			/* bytes in front of it, itself included */
} Reader;

static bool read_value(Reader *reader);

/* What was read last is wrong. */
static bool
wrong(Reader *reader, const char *problem)
{
	reader->problem = problem;
	reader->where = reader->at;
	return false;
}

/* What comes next is wrong. */
static bool
next_wrong(Reader *reader, const char *problem)
{
	wrong(reader, problem);
	if (reader->where < reader->len)
		reader->where++;
	return false;
}

/* The next byte, -1 at the end. */
static int
peek(const Reader *reader)
{
	return reader->at < reader->len ? reader->text[reader->at] : -1;
}

static int
peek_token(Reader *reader)
{
	while (reader->at < reader->len &&
		   strchr(" \t\r\n", reader->text[reader->at]) &&
		   reader->text[reader->at] != '\0')
		reader->at++;
	return peek(reader);
}

static bool
read_word(Reader *reader, const char *word)
{
	for (; *word; word++)
	{
		int			c = peek(reader);

		if (c < 0)
			return wrong(reader, "EOF while parsing a value");
		reader->at++;
		if (c != *word)
			return wrong(reader, "expected ident");
	}
	return true;
}

static void
skip_digits(Reader *reader)
{
	while (isdigit(peek(reader)))
		reader->at++;
}

static bool
read_fraction(Reader *reader)
{
	reader->at++;
	if (peek(reader) < 0)
		return next_wrong(reader, "EOF while parsing a value");
	if (!isdigit(peek(reader)))
		return next_wrong(reader, "invalid number");
	skip_digits(reader);
	return true;
}

static bool
read_exponent(Reader *reader)
{
	int			c;

	reader->at++;
	if (peek(reader) == '+' || peek(reader) == '-')
		reader->at++;
	c = peek(reader);
	if (c < 0)
		return wrong(reader, "EOF while parsing a value");
	reader->at++;
	if (!isdigit(c))
		return wrong(reader, "invalid number");
	skip_digits(reader);
	return true;
}

/* Is a number one that a double can hold? */
static bool
check_range(Reader *reader, size_t start)
{
	char	   *text = must_strndup((const char *) reader->text + start,
									reader->at - start);
	bool		finite = isfinite(strtod(text, NULL));

	free(text);
	return finite || wrong(reader, "number out of range");
}

static bool
read_number(Reader *reader)
{
	size_t		start = reader->at;
	int			c;

	if (peek(reader) == '-')
		reader->at++;
	c = peek(reader);
	if (c >= 0)
		reader->at++;
	if (!isdigit(c))
		return wrong(reader, c < 0 ? "EOF while parsing a value" :
					 "invalid number");
	if (c == '0' && isdigit(peek(reader)))
		return next_wrong(reader, "invalid number");
	skip_digits(reader);
	if (peek(reader) == '.' && !read_fraction(reader))
		return false;
	if ((peek(reader) == 'e' || peek(reader) == 'E') &&
		!read_exponent(reader))
		return false;
	return check_range(reader, start);
}

static bool
read_hex(Reader *reader, unsigned *code)
{
	bool		valid = true;

	*code = 0;
	if (reader->len - reader->at < 4)
	{
		reader->at = reader->len;
		return wrong(reader, "EOF while parsing a string");
	}
	for (int i = 0; i < 4; i++)
	{
		int			c = reader->text[reader->at++];

		if (!isxdigit(c))
			valid = false;
		*code = *code * 16 + (isdigit(c) ? c - '0' : (c | 32) - 'a' + 10);
	}
	return valid || wrong(reader, "invalid escape");
}

/* The second half of a surrogate pair. */
static bool
read_low_surrogate(Reader *reader)
{
	unsigned	code;

	for (const char *p = "\\u"; *p; p++)
	{
		int			c = peek(reader);

		if (c < 0)
			return wrong(reader, "EOF while parsing a string");
		reader->at++;
		if (c != *p)
			return wrong(reader, "unexpected end of hex escape");
	}
	if (!read_hex(reader, &code))
		return false;
	if (code < 0xdc00 || code > 0xdfff)
		return wrong(reader, "lone leading surrogate in hex escape");
	return true;
}

/* Behind the backslash. */
static bool
read_escape(Reader *reader)
{
	unsigned	code;
	int			c = peek(reader);

	if (c < 0)
		return wrong(reader, "EOF while parsing a string");
	reader->at++;
	if (c != 'u')
		return strchr("\"\\/bfnrt", c) ? true :
			wrong(reader, "invalid escape");
	if (!read_hex(reader, &code))
		return false;
	if (code >= 0xdc00 && code <= 0xdfff)
		return wrong(reader, "lone leading surrogate in hex escape");
	return code < 0xd800 || code > 0xdbff || read_low_surrogate(reader);
}

static bool
read_string(Reader *reader)
{
	size_t		start = ++reader->at;

	for (;;)
	{
		int			c = peek(reader);

		if (c < 0)
			return wrong(reader, "EOF while parsing a string");
		reader->at++;
		if (c == '"')
			break;
		if (c < 0x20)
			return wrong(reader, "control character (\\u0000-\\u001F) "
						 "found while parsing a string");
		if (c == '\\' && !read_escape(reader))
			return false;
	}
	if (!utf8_valid((const char *) reader->text + start,
					reader->at - 1 - start))
		return wrong(reader, "invalid unicode code point");
	return true;
}

/*
 * What separates the elements of a list that ends with close.  *more says
 * whether there is another one.
 */
static bool
read_separator(Reader *reader, bool first, int close, const char *neither,
			   const char *unfinished, bool *more)
{
	int			c = peek_token(reader);

	*more = c != close;
	if (c < 0)
		return next_wrong(reader, unfinished);
	if (c == close || first)
		return true;
	if (c != ',')
		return next_wrong(reader, neither);
	reader->at++;
	c = peek_token(reader);
	if (c < 0)
		return next_wrong(reader, "EOF while parsing a value");
	return c == close ? next_wrong(reader, "trailing comma") : true;
}

static bool
read_array(Reader *reader)
{
	bool		more;

	reader->at++;
	for (bool first = true;; first = false)
	{
		if (!read_separator(reader, first, ']', "expected `,` or `]`",
							"EOF while parsing a list", &more))
			return false;
		if (!more)
			break;
		if (!read_value(reader))
			return false;
	}
	reader->at++;
	return true;
}

static bool
read_member(Reader *reader)
{
	int			c;

	if (peek_token(reader) != '"')
		return next_wrong(reader, "key must be a string");
	if (!read_string(reader))
		return false;
	c = peek_token(reader);
	if (c < 0)
		return next_wrong(reader, "EOF while parsing an object");
	if (c != ':')
		return next_wrong(reader, "expected `:`");
	reader->at++;
	return read_value(reader);
}

static bool
read_object(Reader *reader)
{
	bool		more;

	reader->at++;
	for (bool first = true;; first = false)
	{
		if (!read_separator(reader, first, '}', "expected `,` or `}`",
							"EOF while parsing an object", &more))
			return false;
		if (!more)
			break;
		if (!read_member(reader))
			return false;
	}
	reader->at++;
	return true;
}

static bool
read_nested(Reader *reader)
{
	bool		ok;

	if (reader->depth + 1 >= MAX_DEPTH)
		return next_wrong(reader, "recursion limit exceeded");
	reader->depth++;
	ok = peek(reader) == '[' ? read_array(reader) : read_object(reader);
	reader->depth--;
	return ok;
}

static bool
read_value(Reader *reader)
{
	int			c = peek_token(reader);

	switch (c)
	{
		case -1:
			return next_wrong(reader, "EOF while parsing a value");
		case 'n':
			return read_word(reader, "null");
		case 't':
			return read_word(reader, "true");
		case 'f':
			return read_word(reader, "false");
		case '"':
			return read_string(reader);
		case '[':
		case '{':
			return read_nested(reader);
		default:
			if (c == '-' || isdigit(c))
				return read_number(reader);
			return next_wrong(reader, "expected value");
	}
}

bool
json_check(const char *json, size_t len, Buffer *problem)
{
	Reader		reader = {.text = (const unsigned char *) json,.len = len};
	int			line = 1;
	size_t		line_start = 0;

	if (read_value(&reader))
	{
		if (peek_token(&reader) < 0)
			return true;
		next_wrong(&reader, "trailing characters");
	}
	for (size_t i = 0; i < reader.where; i++)
	{
		if (json[i] == '\n')
		{
			line++;
			line_start = i + 1;
		}
	}
	buffer_printf(problem, "%s at line %d column %zu", reader.problem, line,
				  reader.where - line_start);
	return false;
}
