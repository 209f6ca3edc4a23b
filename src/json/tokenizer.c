/*-------------------------------------------------------------------------
 *
 * json/tokenizer.c
 *		Resumable JSON tokenizer.
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

#include "json/tokenizer.h"

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
neon_token_init(NeonTokenizer *t)
{
	memset(t, 0, sizeof(NeonTokenizer));
	neon_unescape_init(&t->text);
	t->state = STATE_START;
}

void
neon_token_free(NeonTokenizer *t)
{
	neon_unescape_free(&t->text);
}

void
neon_token_feed(NeonTokenizer *t, const char *data, size_t len)
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
neon_token_complete(const NeonTokenizer *t)
{
	return t->state == STATE_COMPLETE;
}

bool
neon_token_empty(const NeonTokenizer *t)
{
	return t->state == STATE_START;
}

static NeonToken
broken(NeonTokenizer *t, const char *problem, uint64 offset)
{
	t->problem = problem;
	t->problem_offset = offset;
	t->state = STATE_BROKEN;
	return NEON_TOKEN_BROKEN;
}

/* What is expected after a value. */
static inline void
value_done(NeonTokenizer *t)
{
	t->state = t->depth > 0 ? STATE_NEXT : STATE_COMPLETE;
}

static NeonToken
open_container(NeonTokenizer *t, bool object)
{
	if (t->depth == NEON_TOKEN_MAX_DEPTH)
		return broken(t, "values are nested too deeply", t->start);
	t->cur++;
	t->object[t->depth++] = object;
	t->state = object ? STATE_FIRST_KEY : STATE_FIRST_VALUE;
	return object ? NEON_TOKEN_OBJECT : NEON_TOKEN_ARRAY;
}

static NeonToken
close_container(NeonTokenizer *t)
{
	bool		object = t->object[--t->depth];

	t->cur++;
	value_done(t);
	return object ? NEON_TOKEN_OBJECT_END : NEON_TOKEN_ARRAY_END;
}

static NeonToken
continue_string(NeonTokenizer *t)
{
	switch (neon_unescape_continue(&t->text, &t->cur, t->end))
	{
		case NEON_UNESCAPE_MORE:
			return NEON_TOKEN_NEED_INPUT;
		case NEON_UNESCAPE_BROKEN:
			return broken(t, t->text.problem,
						  t->text.blame_start ? t->start :
						  neon_token_offset(t));
		case NEON_UNESCAPE_DONE:
			break;
	}
	if (t->state == STATE_IN_KEY)
	{
		t->state = STATE_COLON;
		return NEON_TOKEN_KEY;
	}
	value_done(t);
	return NEON_TOKEN_STRING;
}

static NeonToken
begin_string(NeonTokenizer *t, size_t limit, int state)
{
	t->cur++;
	t->state = state;
	neon_unescape_begin(&t->text, limit);
	return continue_string(t);
}

static NeonToken
continue_literal(NeonTokenizer *t)
{
	while (*t->literal != '\0')
	{
		if (t->cur == t->end)
			return NEON_TOKEN_NEED_INPUT;
		if (*t->cur != *t->literal)
			return broken(t, "misspelled literal", t->start);
		t->cur++;
		t->literal++;
	}
	value_done(t);
	return t->literal_token;
}

static NeonToken
begin_literal(NeonTokenizer *t, const char *literal, NeonToken token)
{
	t->literal = literal;
	t->literal_token = token;
	t->state = STATE_IN_LITERAL;
	return continue_literal(t);
}

/* Adds a digit to a number's integer value. */
static void
add_digit(NeonTokenizer *t, int digit)
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
number_accepts(NeonTokenizer *t, char c)
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

static NeonToken
continue_number(NeonTokenizer *t)
{
	while (t->cur < t->end && number_accepts(t, *t->cur))
		t->cur++;
	if (t->cur == t->end)
		return NEON_TOKEN_NEED_INPUT;
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
	return NEON_TOKEN_NUMBER;
}

static NeonToken
begin_number(NeonTokenizer *t)
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

static NeonToken
begin_value(NeonTokenizer *t, char c)
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
			return begin_literal(t, "null", NEON_TOKEN_NULL);
		case 't':
			return begin_literal(t, "true", NEON_TOKEN_TRUE);
		case 'f':
			return begin_literal(t, "false", NEON_TOKEN_FALSE);
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
static NeonToken
take(NeonTokenizer *t, char c)
{
	bool		object = t->depth > 0 && t->object[t->depth - 1];

	switch (t->state)
	{
		case STATE_NEXT:
			if (c == ',')
			{
				t->cur++;
				t->state = object ? STATE_KEY : STATE_VALUE;
				return NEON_TOKEN_NEED_INPUT;
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
			return NEON_TOKEN_NEED_INPUT;
		case STATE_COMPLETE:
			return broken(t, "something follows the end of the reply",
						  t->start);
		default:
			return begin_value(t, c);
	}
}

NeonToken
neon_token_next(NeonTokenizer *t, size_t string_limit)
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
			return NEON_TOKEN_BROKEN;
		default:
			break;
	}

	t->string_limit = string_limit;
	while (t->cur < t->end)
	{
		char		c = *t->cur;
		NeonToken	token;

		if (c == ' ' || c == '\n' || c == '\t' || c == '\r')
		{
			t->cur++;
			continue;
		}
		t->start = neon_token_offset(t);
		token = take(t, c);
		if (token != NEON_TOKEN_NEED_INPUT)
			return token;
	}
	return NEON_TOKEN_NEED_INPUT;
}
