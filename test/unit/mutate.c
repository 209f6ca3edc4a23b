/*-------------------------------------------------------------------------
 *
 * mutate.c
 *		Changes of replies that know what JSON looks like.
 *
 * A value is repeated, taken out, put in the place of another, or replaced by
 * an odd one.  Bytes that are changed at random seldom get past the first
 * bracket, so every second change is one of these.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "harness.h"

extern size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
extern size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size,
									  size_t max_size, unsigned int seed);

static const char *const odd_values[] = {
	"null", "true", "[]", "{}", "\"\"", "0", "-1", "1e999",
	"99999999999999999999", "\"\\ud83d\"", "\"\\u0000\"", "\"\\ud83d\\ude00\"",
	"\"\xff\"", "[[]]", "{\"rows\":[]}", "[null]", "{\"a\":{\"a\":{}}}",
	"\"x\",\"rows\":[]", "[\"x\"],[\"x\"]", " ", "\"rows\"",
	"{\"name\":\"c\",\"dataTypeID\":-1}", "[{\"name\":7,\"dataTypeID\":\"x\"}]",
};

typedef struct Span
{
	size_t		start;
	size_t		end;
} Span;

static size_t
string_end(const char *text, size_t at, size_t size)
{
	for (at++; at < size && text[at] != '"'; at++)
	{
		if (text[at] == '\\')
			at++;
	}
	return Min(at + 1, size);
}

/* Where the value ends that begins here, as far as brackets tell. */
static size_t
value_end(const char *text, size_t at, size_t size)
{
	int			depth = 0;

	while (at < size)
	{
		char		c = text[at];

		if (c == '"')
			at = string_end(text, at, size);
		else
			at++;
		if (c == '[' || c == '{')
			depth++;
		else if (c == ']' || c == '}')
			depth--;
		if (depth < 0)
			return at - 1;
		if (depth == 0 && (c == '"' || c == ']' || c == '}' || at == size ||
						   strchr(",:]}", text[at]) != NULL))
			return at;
	}
	return size;
}

static Span
choose_value(const char *text, size_t size, uint32 *state)
{
	Span		span = {0, size};
	uint32		seen = 0;

	for (size_t at = 1; at < size; at++)
	{
		if (strchr("[,:{", text[at - 1]) != NULL && text[at - 1] != '\0' &&
			random_below(state, ++seen) == 0)
			span.start = at;
	}
	if (seen > 0)
		span.end = value_end(text, span.start, size);
	return span;
}

/* Puts a text in the place of a span; size 0 if there is no room for it. */
static size_t
replace(char *text, size_t size, size_t max_size, Span span,
		const char *with, size_t len)
{
	size_t		result = size - (span.end - span.start) + len;

	if (result > max_size)
		return 0;
	memmove(text + span.start + len, text + span.end, size - span.end);
	memcpy(text + span.start, with, len);
	return result;
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
						unsigned int seed)
{
	uint32		state = seed | 1;
	char	   *text = (char *) data + 1;
	Span		span;
	Span		other;
	char	   *copy;
	size_t		len;
	size_t		result = 0;

	if (size < 4 || random_below(&state, 2) == 0)
		return LLVMFuzzerMutate(data, size, max_size);
	size--;
	max_size--;
	span = choose_value(text, size, &state);
	other = choose_value(text, size, &state);
	len = other.end - other.start;
	copy = malloc(len + 2);
	memcpy(copy, text + other.start, len);
	switch (random_below(&state, 4))
	{
		case 0:					/* odd */
			{
				const char *odd = odd_values[random_below(&state,
														  lengthof(odd_values))];

				result = replace(text, size, max_size, span, odd, strlen(odd));
				break;
			}
		case 1:					/* another */
			result = replace(text, size, max_size, span, copy, len);
			break;
		case 2:					/* once more */
			copy[len++] = ',';
			span = other;
			span.end = span.start;
			result = replace(text, size, max_size, span, copy, len);
			break;
		default:				/* gone, with its comma */
			if (span.end < size && text[span.end] == ',')
				span.end++;
			result = replace(text, size, max_size, span, "", 0);
	}
	free(copy);
	return result > 0 ? result + 1 : LLVMFuzzerMutate(data, size + 1,
													  max_size + 1);
}
