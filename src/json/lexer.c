/*-------------------------------------------------------------------------
 *
 * json/lexer.c
 *		Resumable JSON lexer.
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

#include "common/int.h"

#include "json/lexer.h"

/* Keys are short; this bounds what a broken endpoint can make us keep. */
#define MAX_KEY		1024

/* What is expected next, or of what more is expected. */
enum
{
	STATE_START,				/* the text's one value */
	STATE_VALUE,
	STATE_FIRST_VALUE,			/* a value or the array's end */
	STATE_FIRST_KEY,			/* a key or the object's end */
	STATE_KEY,
	STATE_COLON,
	STATE_NEXT,					/* comma or the container's end */
	STATE_IN_KEY,
	STATE_IN_STRING,
	STATE_IN_LITERAL,
	STATE_IN_NUMBER,
	STATE_COMPLETE,
	STATE_BROKEN
};

/* Places in a number. */
enum
{
	NUMBER_SIGN,				/* minus seen, digit must follow */
	NUMBER_ZERO,				/* no digit may follow a leading zero */
	NUMBER_INTEGER,
	NUMBER_POINT,				/* digit must follow */
	NUMBER_FRACTION,
	NUMBER_E,					/* sign or digit must follow */
	NUMBER_E_SIGN,				/* digit must follow */
	NUMBER_EXPONENT
};

void
neon_lexer_init(NeonLexer *t)
{
	memset(t, 0, sizeof(NeonLexer));
	neon_unescape_init(&t->text);
	t->state = STATE_START;
}

void
neon_lexer_free(NeonLexer *t)
{
	neon_unescape_free(&t->text);
}

void
neon_lexer_feed(NeonLexer *t, const char *data, size_t len)
{
	Assert(t->cur == t->end || t->state == STATE_BROKEN);
	if (len == 0)
		return;
	t->base += t->cur - t->data;
	t->data = data;
	t->cur = data;
	t->end = data + len;
}

bool
neon_lexer_complete(const NeonLexer *t)
{
	return t->state == STATE_COMPLETE;
}

bool
neon_lexer_empty(const NeonLexer *t)
{
	return t->state == STATE_START;
}

static NeonLexeme
broken(NeonLexer *t, const char *problem, uint64 offset)
{
	t->problem = problem;
	t->problem_offset = offset;
	t->state = STATE_BROKEN;
	return NEON_LEXEME_BROKEN;
}

/* Sets what is expected after a value. */
static inline void
value_done(NeonLexer *t)
{
	t->state = t->depth > 0 ? STATE_NEXT : STATE_COMPLETE;
}

static NeonLexeme
open_container(NeonLexer *t, bool object)
{
	if (t->depth == NEON_LEXER_MAX_DEPTH)
		return broken(t, "values are nested too deeply", t->start);
	t->cur++;
	t->object[t->depth++] = object;
	t->state = object ? STATE_FIRST_KEY : STATE_FIRST_VALUE;
	return object ? NEON_LEXEME_OBJECT : NEON_LEXEME_ARRAY;
}

static NeonLexeme
close_container(NeonLexer *t)
{
	bool		object = t->object[--t->depth];

	t->cur++;
	value_done(t);
	return object ? NEON_LEXEME_OBJECT_END : NEON_LEXEME_ARRAY_END;
}

static NeonLexeme
continue_string(NeonLexer *t)
{
	switch (neon_unescape_continue(&t->text, &t->cur, t->end))
	{
		case NEON_UNESCAPE_MORE:
			return NEON_LEXEME_NEED_INPUT;
		case NEON_UNESCAPE_BROKEN:
			return broken(t, t->text.problem,
						  t->text.blame_start ? t->start :
						  neon_lexer_offset(t));
		case NEON_UNESCAPE_DONE:
			break;
	}
	if (t->state == STATE_IN_KEY)
	{
		t->state = STATE_COLON;
		return NEON_LEXEME_KEY;
	}
	value_done(t);
	return NEON_LEXEME_STRING;
}

static NeonLexeme
begin_string(NeonLexer *t, size_t limit, int state)
{
	t->cur++;
	t->state = state;
	neon_unescape_begin(&t->text, limit);
	return continue_string(t);
}

static NeonLexeme
continue_literal(NeonLexer *t)
{
	while (*t->literal != '\0')
	{
		if (t->cur == t->end)
			return NEON_LEXEME_NEED_INPUT;
		if (*t->cur != *t->literal)
			return broken(t, "misspelled literal", t->start);
		t->cur++;
		t->literal++;
	}
	value_done(t);
	return t->literal_lexeme;
}

static NeonLexeme
begin_literal(NeonLexer *t, const char *literal, NeonLexeme lexeme)
{
	t->literal = literal;
	t->literal_lexeme = lexeme;
	t->state = STATE_IN_LITERAL;
	return continue_literal(t);
}

/* Adds a digit to a number's integer value. */
static void
add_digit(NeonLexer *t, int digit)
{
	/* counting down, so that the smallest integer fits as well */
	if (pg_mul_s64_overflow(t->integer, 10, &t->integer) ||
		pg_sub_s64_overflow(t->integer, digit, &t->integer))
		t->is_integer = false;
}

/*
 * If c goes on the number that is being read, moves to the place behind it
 * and returns true.
 */
static bool
number_accepts(NeonLexer *t, char c)
{
	bool		digit = c >= '0' && c <= '9';

	switch (t->number)
	{
		case NUMBER_SIGN:
		case NUMBER_INTEGER:
		case NUMBER_ZERO:
			if (digit && t->number != NUMBER_ZERO)
			{
				t->number = c == '0' && t->number == NUMBER_SIGN ?
					NUMBER_ZERO : NUMBER_INTEGER;
				add_digit(t, c - '0');
				return true;
			}
			if (t->number == NUMBER_SIGN)
				return false;
			if (c == '.')
				t->number = NUMBER_POINT;
			else if (c == 'e' || c == 'E')
				t->number = NUMBER_E;
			else
				return false;
			t->is_integer = false;
			return true;
		case NUMBER_POINT:
		case NUMBER_FRACTION:
			if (digit)
				t->number = NUMBER_FRACTION;
			else if (t->number == NUMBER_FRACTION && (c == 'e' || c == 'E'))
				t->number = NUMBER_E;
			else
				return false;
			return true;
		case NUMBER_E:
			if (c == '+' || c == '-')
			{
				t->number = NUMBER_E_SIGN;
				return true;
			}
			break;
		default:
			break;
	}
	if (digit)
		t->number = NUMBER_EXPONENT;
	return digit;
}

static NeonLexeme
continue_number(NeonLexer *t)
{
	while (t->cur < t->end && number_accepts(t, *t->cur))
		t->cur++;
	if (t->cur == t->end)
		return NEON_LEXEME_NEED_INPUT;
	if (t->number == NUMBER_SIGN || t->number == NUMBER_POINT ||
		t->number == NUMBER_E || t->number == NUMBER_E_SIGN)
		return broken(t, "malformed number", t->start);
	if (t->is_integer && !t->negative)
	{
		if (t->integer == PG_INT64_MIN)
			t->is_integer = false;
		else
			t->integer = -t->integer;
	}
	value_done(t);
	return NEON_LEXEME_NUMBER;
}

static NeonLexeme
begin_number(NeonLexer *t)
{
	t->state = STATE_IN_NUMBER;
	t->number = NUMBER_SIGN;
	t->is_integer = true;
	t->integer = 0;
	t->negative = *t->cur == '-';
	if (t->negative)
		t->cur++;
	return continue_number(t);
}

static NeonLexeme
begin_value(NeonLexer *t, char c)
{
	switch (c)
	{
		case '"':
			return begin_string(t, t->string_limit, STATE_IN_STRING);
		case '[':
			return open_container(t, false);
		case '{':
			return open_container(t, true);
		case 'n':
			return begin_literal(t, "null", NEON_LEXEME_NULL);
		case 't':
			return begin_literal(t, "true", NEON_LEXEME_TRUE);
		case 'f':
			return begin_literal(t, "false", NEON_LEXEME_FALSE);
		default:
			if (c == '-' || (c >= '0' && c <= '9'))
				return begin_number(t);
			if (t->state == STATE_START)
				return broken(t, "reply is not JSON", t->start);
			return broken(t, "expected a value", t->start);
	}
}

/*
 * Takes the punctuation character c, which stands at the current place, or
 * begins a key or value with it.  NEED_INPUT also says: call again.
 */
static NeonLexeme
take(NeonLexer *t, char c)
{
	bool		object = t->depth > 0 && t->object[t->depth - 1];

	switch (t->state)
	{
		case STATE_NEXT:
			if (c == ',')
			{
				t->cur++;
				t->state = object ? STATE_KEY : STATE_VALUE;
				return NEON_LEXEME_NEED_INPUT;
			}
			if (c == (object ? '}' : ']'))
				return close_container(t);
			return broken(t, object ? "expected a comma or the object's end" :
						  "expected a comma or the array's end", t->start);
		case STATE_FIRST_VALUE:
			if (c == ']')
				return close_container(t);
			return begin_value(t, c);
		case STATE_FIRST_KEY:
		case STATE_KEY:
			if (c == '"')
				return begin_string(t, MAX_KEY, STATE_IN_KEY);
			if (c == '}' && t->state == STATE_FIRST_KEY)
				return close_container(t);
			return broken(t, "expected a key", t->start);
		case STATE_COLON:
			if (c != ':')
				return broken(t, "expected a colon", t->start);
			t->cur++;
			t->state = STATE_VALUE;
			return NEON_LEXEME_NEED_INPUT;
		case STATE_COMPLETE:
			return broken(t, "something follows the end of the reply",
						  t->start);
		default:
			return begin_value(t, c);
	}
}

NeonLexeme
neon_lexer_next(NeonLexer *t, size_t string_limit)
{
	switch (t->state)
	{
		case STATE_IN_KEY:
		case STATE_IN_STRING:
			return continue_string(t);
		case STATE_IN_LITERAL:
			return continue_literal(t);
		case STATE_IN_NUMBER:
			return continue_number(t);
		case STATE_BROKEN:
			return NEON_LEXEME_BROKEN;
		default:
			break;
	}

	t->string_limit = string_limit;
	while (t->cur < t->end)
	{
		char		c = *t->cur;
		NeonLexeme	lexeme;

		if (c == ' ' || c == '\n' || c == '\t' || c == '\r')
		{
			t->cur++;
			continue;
		}
		t->start = neon_lexer_offset(t);
		lexeme = take(t, c);
		if (lexeme != NEON_LEXEME_NEED_INPUT)
			return lexeme;
	}
	return NEON_LEXEME_NEED_INPUT;
}

static inline bool
take_strings(NeonLexer *t, int n, size_t limit, size_t *offsets,
			 int *lengths, bool *ascii)
{
	const char *p = t->cur;

	if (t->state == STATE_NEXT)
	{
		if (p == t->end || *p++ != ',')
			return false;
	}
	else if (t->state != STATE_FIRST_VALUE)
		return false;
	if (p == t->end || *p++ != '[')
		return false;

	*ascii = true;
	for (int i = 0; i < n; i++)
	{
		if (i > 0 && (p == t->end || *p++ != ','))
			return false;
		if (p == t->end)
			return false;
		if (*p == '"')
		{
			p++;
			if (!neon_unescape_whole(&t->text, limit, &p, t->end))
				return false;
			offsets[i] = t->text.start;
			lengths[i] = (int) t->text.length;
			*ascii &= t->text.ascii;
		}
		else if (t->end - p >= 4 && memcmp(p, "null", 4) == 0)
		{
			p += 4;
			offsets[i] = NEON_LEXER_NULL;
			lengths[i] = 0;
		}
		else
			return false;
	}
	if (p == t->end || *p++ != ']')
		return false;
	t->cur = p;
	t->state = STATE_NEXT;
	return true;
}

bool
neon_lexer_strings(NeonLexer *t, int n, size_t limit, size_t *offsets,
				   int *lengths, bool *ascii)
{
	size_t		used = t->text.used;

	if (take_strings(t, n, limit, offsets, lengths, ascii))
		return true;
	/* a string that the last chunk ended in goes on */
	t->text.used = used;
	return false;
}
