/*-------------------------------------------------------------------------
 *
 * json/reply.c
 *		The shape of a reply, as one function per place in it.
 *
 * The lexer sees to the grammar.  A lexeme that does not fit the place
 * ends the reply as broken; values under unknown keys are skipped.
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

#include "json/reply.h"

/* The most that PostgreSQL allows in a target list. */
#define MAX_COLUMNS	1664

/*
 * "fields" is some 150 bytes per column.  The limit bounds the memory that a
 * hostile or broken endpoint can make us use.
 */
#define MAX_FIELDS	((size_t) 16 * 1024 * 1024)

/* Memory kept for "fields" from one result to the next. */
#define FIELDS_KEEP	((size_t) 64 * 1024)

static const struct
{
	NeonPlace	place;
	unsigned int key;
	const char *name;
	NeonLexeme	lexeme;			/* what its value begins with */
	const char *expected;		/* the same in words */
}			known_keys[] = {
	{PLACE_REPLY, KEY_RESULTS, "results", NEON_LEXEME_ARRAY, "an array"},
	{PLACE_RESULT, KEY_FIELDS, "fields", NEON_LEXEME_ARRAY, "an array"},
	{PLACE_RESULT, KEY_ROWS, "rows", NEON_LEXEME_ARRAY, "an array"},
	{PLACE_RESULT, KEY_COMMAND, "command", NEON_LEXEME_STRING, "a string"},
	{PLACE_RESULT, KEY_ROWCOUNT, "rowCount", NEON_LEXEME_NUMBER,
	"a number or null"},
};

NeonResponseEvent
neon_reply_broken(NeonResponse *r, uint64 offset, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	vsnprintf(r->problem, sizeof(r->problem), format, args);
	va_end(args);
	r->offset = offset;
	r->is_broken = true;
	return NEON_RESPONSE_BROKEN;
}

NeonResponseEvent
neon_reply_capture(NeonResponse *r)
{
	size_t		n = r->lexer.cur - r->capture;
	size_t		size = r->fields_size;

	if (r->fields_used + n > MAX_FIELDS)
		return neon_reply_broken(r, r->capture_start,
								 "\"fields\" of result %d is longer than %zu bytes",
								 r->result, MAX_FIELDS);
	while (size < r->fields_used + n + 1)
		size *= 2;
	if (size > r->fields_size)
	{
		r->fields = repalloc(r->fields, size);
		r->fields_size = size;
	}
	memcpy(r->fields + r->fields_used, r->capture, n);
	r->fields_used += n;
	r->fields[r->fields_used] = '\0';
	r->capture = r->lexer.cur;
	return NEON_RESPONSE_NEED_INPUT;
}

/* A result's opening brace. */
static NeonResponseEvent
begin_result(NeonResponse *r)
{
	if (r->result == r->nresults)
		return neon_reply_broken(r, r->lexer.start,
								 "too many results: more than %d",
								 r->nresults);
	r->expected = r->ncolumns[r->result++];
	r->seen = 0;
	r->nrows = 0;
	r->command[0] = '\0';
	r->rowcount = -1;
	if (r->fields_size > FIELDS_KEEP)
	{
		r->fields = repalloc(r->fields, FIELDS_KEEP);
		r->fields_size = FIELDS_KEEP;
	}
	r->fields_used = 0;
	r->fields[0] = '\0';
	r->place = PLACE_RESULT;
	return NEON_RESPONSE_NEED_INPUT;
}

/* A result's closing brace. */
static NeonResponseEvent
end_result(NeonResponse *r)
{
	if ((r->seen & KEY_ROWS) == 0)
		return neon_reply_broken(r, r->lexer.start,
								 "result %d has no \"rows\"", r->result);
	if ((r->seen & KEY_COMMAND) == 0)
		return neon_reply_broken(r, r->lexer.start,
								 "result %d has no \"command\"", r->result);
	r->place = r->single ? PLACE_REPLY : PLACE_RESULTS;
	return NEON_RESPONSE_RESULT_END;
}

static NeonResponseEvent
in_results(NeonResponse *r, NeonLexeme lexeme)
{
	if (lexeme == NEON_LEXEME_OBJECT)
		return begin_result(r);
	if (lexeme != NEON_LEXEME_ARRAY_END)
		return neon_reply_broken(r, r->lexer.start,
								 "result %d is not an object", r->result + 1);
	if (r->result < r->nresults)
		return neon_reply_broken(r, r->lexer.start,
								 "too few results: %d instead of %d",
								 r->result, r->nresults);
	r->place = PLACE_REPLY;
	return NEON_RESPONSE_NEED_INPUT;
}

/* Begins to read over the rest of a container. */
static void
skip(NeonResponse *r, NeonPlace place)
{
	r->outer = r->place;
	r->place = place;
	r->nested = 1;
}

static NeonResponseEvent
in_skipped(NeonResponse *r, NeonLexeme lexeme)
{
	if (lexeme == NEON_LEXEME_OBJECT || lexeme == NEON_LEXEME_ARRAY)
		r->nested++;
	else if (lexeme == NEON_LEXEME_OBJECT_END || lexeme == NEON_LEXEME_ARRAY_END)
		r->nested--;
	if (r->nested == 0)
	{
		bool		captured = r->place == PLACE_FIELDS;

		r->place = r->outer;
		if (captured)
			return neon_reply_capture(r);
	}
	return NEON_RESPONSE_NEED_INPUT;
}

/* Takes a key of the reply's object or of a result. */
static NeonResponseEvent
take_key(NeonResponse *r)
{
	const char *name = r->lexer.text.data + r->lexer.text.start;

	r->key = KEY_UNKNOWN;
	for (int i = 0; i < lengthof(known_keys); i++)
	{
		unsigned int key = known_keys[i].key;

		if (known_keys[i].place != r->place ||
			strcmp(known_keys[i].name, name) != 0)
			continue;
		if (key == KEY_RESULTS ? r->results_seen : (r->seen & key) != 0)
			return neon_reply_broken(r, r->lexer.start,
									 "\"%s\" occurs twice", name);
		if (key == KEY_RESULTS)
			r->results_seen = true;
		r->seen |= key;
		r->key = key;
	}
	return NEON_RESPONSE_NEED_INPUT;
}

/* Takes the value of a key that is known, or the first lexeme of the value. */
static NeonResponseEvent
take_value(NeonResponse *r, NeonLexeme lexeme)
{
	for (int i = 0; i < lengthof(known_keys); i++)
	{
		if (known_keys[i].key == r->key && lexeme != known_keys[i].lexeme &&
			!(r->key == KEY_ROWCOUNT && lexeme == NEON_LEXEME_NULL))
			return neon_reply_broken(r, r->lexer.start, "\"%s\" is not %s",
									 known_keys[i].name,
									 known_keys[i].expected);
	}

	switch (r->key)
	{
		case KEY_RESULTS:
			r->place = PLACE_RESULTS;
			break;
		case KEY_FIELDS:
			r->capture = r->lexer.cur - 1;
			r->capture_start = r->lexer.start;
			skip(r, PLACE_FIELDS);
			break;
		case KEY_ROWS:
			r->place = PLACE_ROWS;
			break;
		case KEY_COMMAND:
			strlcpy(r->command, r->lexer.text.data + r->lexer.text.start,
					sizeof(r->command));
			break;
		case KEY_ROWCOUNT:
			if (lexeme == NEON_LEXEME_NULL)
				break;
			if (!r->lexer.is_integer || r->lexer.integer < 0)
				return neon_reply_broken(r, r->lexer.start,
										 "\"rowCount\" is not a count");
			r->rowcount = r->lexer.integer;
			break;
		default:
			if (lexeme == NEON_LEXEME_OBJECT || lexeme == NEON_LEXEME_ARRAY)
				skip(r, PLACE_SKIPPED);
			break;
	}
	return NEON_RESPONSE_NEED_INPUT;
}

static NeonResponseEvent
in_object(NeonResponse *r, NeonLexeme lexeme)
{
	if (lexeme == NEON_LEXEME_KEY)
		return take_key(r);
	if (lexeme != NEON_LEXEME_OBJECT_END)
		return take_value(r, lexeme);
	if (r->place == PLACE_RESULT)
		return end_result(r);
	/* more input is only checked to be whitespace */
	if (!r->results_seen)
		return neon_reply_broken(r, r->lexer.start,
								 "reply has no \"results\"");
	return NEON_RESPONSE_NEED_INPUT;
}

static NeonResponseEvent
in_rows(NeonResponse *r, NeonLexeme lexeme)
{
	if (lexeme == NEON_LEXEME_ARRAY_END)
	{
		r->place = PLACE_RESULT;
		return NEON_RESPONSE_NEED_INPUT;
	}
	r->nrows++;
	if (lexeme != NEON_LEXEME_ARRAY)
		return neon_reply_broken(r, r->lexer.start,
								 "row %lld of result %d is not an array",
								 (long long) r->nrows, r->result);
	r->row.ncolumns = 0;
	r->row.ascii = true;
	r->place = PLACE_ROW;
	return NEON_RESPONSE_NEED_INPUT;
}

static void
enlarge_row(NeonResponse *r)
{
	r->row_size *= 2;
	r->row.values = repalloc(r->row.values, sizeof(char *) * r->row_size);
	r->row.lengths = repalloc(r->row.lengths, sizeof(int) * r->row_size);
	r->offsets = repalloc(r->offsets, sizeof(size_t) * r->row_size);
}

/* The row is complete: only now does its buffer stay where it is. */
static NeonResponseEvent
row_complete(NeonResponse *r)
{
	NeonRow    *row = &r->row;

	for (int i = 0; i < row->ncolumns; i++)
		row->values[i] = r->offsets[i] == NEON_LEXER_NULL ? NULL :
			r->lexer.text.data + r->offsets[i];
	r->place = PLACE_ROWS;
	r->row_done = true;
	return NEON_RESPONSE_ROW;
}

bool
neon_reply_take_row(NeonResponse *r, size_t limit)
{
	if (r->expected < 0)
		return false;
	while (r->row_size < r->expected)
		enlarge_row(r);
	if (!neon_lexer_strings(&r->lexer, r->expected, limit, r->offsets,
							r->row.lengths, &r->row.ascii))
		return false;
	r->nrows++;
	r->row.ncolumns = r->expected;
	row_complete(r);
	return true;
}

/* A row's closing bracket. */
static NeonResponseEvent
end_row(NeonResponse *r)
{
	NeonRow    *row = &r->row;

	if (r->expected < 0)
		r->expected = row->ncolumns;
	if (row->ncolumns < r->expected)
		return neon_reply_broken(r, r->lexer.start,
								 "too few columns in row %lld of result %d: %d instead of %d",
								 (long long) r->nrows, r->result,
								 row->ncolumns, r->expected);
	return row_complete(r);
}

static inline NeonResponseEvent
in_row(NeonResponse *r, NeonLexeme lexeme)
{
	NeonUnescape *text = &r->lexer.text;
	int			column = r->row.ncolumns;

	if (lexeme == NEON_LEXEME_ARRAY_END)
		return end_row(r);
	if (lexeme != NEON_LEXEME_STRING && lexeme != NEON_LEXEME_NULL)
		return neon_reply_broken(r, r->lexer.start,
								 "a value in row %lld of result %d is neither a string nor null",
								 (long long) r->nrows, r->result);
	if (column == (r->expected < 0 ? MAX_COLUMNS : r->expected))
		return neon_reply_broken(r, r->lexer.start,
								 "too many columns in row %lld of result %d: more than %d",
								 (long long) r->nrows, r->result, column);
	if (column == r->row_size)
		enlarge_row(r);
	if (lexeme == NEON_LEXEME_NULL)
	{
		r->offsets[column] = NEON_LEXER_NULL;
		r->row.lengths[column] = 0;
	}
	else
	{
		r->offsets[column] = text->start;
		r->row.lengths[column] = (int) text->length;
		r->row.ascii &= text->ascii;
	}
	r->row.ncolumns++;
	return NEON_RESPONSE_NEED_INPUT;
}

NeonResponseEvent
neon_reply_take(NeonResponse *r, NeonLexeme lexeme)
{
	switch (r->place)
	{
		case PLACE_ROW:
			return in_row(r, lexeme);
		case PLACE_ROWS:
			return in_rows(r, lexeme);
		case PLACE_RESULTS:
			return in_results(r, lexeme);
		case PLACE_REPLY:
		case PLACE_RESULT:
			return in_object(r, lexeme);
		case PLACE_FIELDS:
		case PLACE_SKIPPED:
			return in_skipped(r, lexeme);
		case PLACE_START:
			break;
	}
	if (lexeme != NEON_LEXEME_OBJECT)
		return neon_reply_broken(r, r->lexer.start,
								 "reply is not a JSON object");
	if (r->single)
		return begin_result(r);
	r->place = PLACE_REPLY;
	return NEON_RESPONSE_NEED_INPUT;
}
