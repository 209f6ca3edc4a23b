/*-------------------------------------------------------------------------
 *
 * transcribe.c
 *		Runs the decoder over a reply and writes down what comes out.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include <json-c/json.h>

#include "harness.h"

/* Not Assert(): that is compiled out unless PostgreSQL was built with it. */
#define REQUIRE(condition) \
	do { \
		if (!(condition)) \
		{ \
			fprintf(stderr, "%s:%d: not true: %s\n", \
					__FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

uint32
random_next(uint32 *state)
{
	/* xorshift: a state of zero would stay zero */
	uint32		x = *state != 0 ? *state : 2463534242U;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return *state = x;
}

uint32
random_below(uint32 *state, uint32 n)
{
	return (random_next(state) >> 3) % n;
}

static void
write_row(StringInfo out, const NeonRow *row)
{
	bool		ascii = true;

	appendStringInfoString(out, "row");
	for (int i = 0; i < row->ncolumns; i++)
	{
		const char *value = row->values[i];

		if (value == NULL)
		{
			appendStringInfoString(out, " null");
			continue;
		}
		REQUIRE(strlen(value) == (size_t) row->lengths[i]);
		for (const char *p = value; *p; p++)
			ascii &= (*p & 0x80) == 0;
		appendStringInfo(out, " '%s'", value);
	}
	appendStringInfoChar(out, '\n');
	REQUIRE(ascii == row->ascii);
}

static void
write_end(StringInfo out, NeonResponse *r, bool normalize)
{
	const char *fields = neon_response_fields(r);

	appendStringInfo(out, "end '%s' %lld ", neon_response_command(r),
					 (long long) neon_response_rowcount(r));
	if (normalize && fields[0] != '\0')
	{
		struct json_tokener *tokener = json_tokener_new_ex(64);
		struct json_object *json;

		json = json_tokener_parse_ex(tokener, fields, strlen(fields));
		REQUIRE(json != NULL);
		appendStringInfoString(out, json_object_to_json_string(json));
		json_object_put(json);
		json_tokener_free(tokener);
	}
	else
		appendStringInfoString(out, fields[0] != '\0' ? fields : "none");
	appendStringInfoChar(out, '\n');
}

/* Takes events until input is needed or nothing more can come. */
static NeonResponseEvent
drain(StringInfo out, NeonResponse *r, bool normalize)
{
	for (;;)
	{
		NeonResponseEvent event = neon_response_next(r);

		switch (event)
		{
			case NEON_RESPONSE_ROW:
				write_row(out, neon_response_row(r));
				break;
			case NEON_RESPONSE_RESULT_END:
				write_end(out, r, normalize);
				break;
			case NEON_RESPONSE_NEED_INPUT:
			case NEON_RESPONSE_BROKEN:
				return event;
			case NEON_RESPONSE_END:
				REQUIRE(false);
		}
	}
}

static size_t
chunk_length(uint32 split, uint32 *state, size_t rest)
{
	size_t		n;

	if (split == SPLIT_WHOLE)
		return rest;
	if (split == SPLIT_BYTES)
		return 1;
	/* short ones above all, empty ones too, and some long ones */
	n = random_below(state, random_below(state, 4) == 0 ? 200 : 8);
	return Min(n, rest);
}

bool
transcribe(StringInfo out, const char *reply, size_t len, int nresults,
		   const int *ncolumns, uint32 split, bool normalize)
{
	NeonResponse *r = neon_response_create(abs(nresults), ncolumns);
	NeonResponseEvent event = NEON_RESPONSE_NEED_INPUT;
	uint32		state = split;
	size_t		at = 0;

	if (nresults == SINGLE_RESULT)
		neon_response_expect_single(r);

	while (at < len && event == NEON_RESPONSE_NEED_INPUT)
	{
		size_t		n = chunk_length(split, &state, len - at);
		char	   *chunk = malloc(n);

		memcpy(chunk, reply + at, n);
		at += n;
		neon_response_feed(r, chunk, n);
		event = drain(out, r, normalize);
		/* asking again changes nothing */
		REQUIRE(neon_response_next(r) == event);
		free(chunk);
	}
	if (event == NEON_RESPONSE_NEED_INPUT)
		event = neon_response_finish(r);
	REQUIRE(neon_response_next(r) == event);

	if (event == NEON_RESPONSE_BROKEN)
	{
		REQUIRE(neon_response_finish(r) == event);
		REQUIRE(neon_response_offset(r) <= at);
		REQUIRE(neon_response_problem(r)[0] != '\0');
		appendStringInfo(out, "broken at %llu: %s\n",
						 (unsigned long long) neon_response_offset(r),
						 neon_response_problem(r));
	}
	else
	{
		REQUIRE(event == NEON_RESPONSE_END);
		appendStringInfoString(out, "complete\n");
	}
	neon_response_free(r);
	return event == NEON_RESPONSE_END;
}
