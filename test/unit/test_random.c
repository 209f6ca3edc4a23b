/*-------------------------------------------------------------------------
 *
 * test_random.c
 *		Random replies, whole and damaged, against json-c.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "harness.h"

#define GOOD_REPLIES		3000
#define DAMAGED_REPLIES		30000

static void
space(StringInfo out, uint32 *state)
{
	static const char *const spaces[] = {" ", "\n", "\t", "\r\n", "  \t "};

	if (random_below(state, 10) == 0)
		appendStringInfoString(out, spaces[random_below(state, 5)]);
}

/* A string of up to n characters, each written in one of its forms. */
static void
string(StringInfo out, uint32 *state, uint32 n)
{
	static const char *const characters[] = {
		"\\\"", "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t", "/",
		"\\u0001", "\\u001F", "\\u0041", "\\u00e9", "\\u20AC", "\\uffff",
		"\\ud83d\\ude00", "\\uDBFF\\uDFFF", "\xc3\xa9", "\xe2\x82\xac",
		"\xf0\x9f\x98\x80", "\x7f", "{", "]", ",", ":", "'"
	};
	bool		plain = random_below(state, 3) != 0;

	appendStringInfoChar(out, '"');
	for (n = random_below(state, n + 1); n > 0; n--)
	{
		if (plain || random_below(state, 2) == 0)
			appendStringInfoChar(out, 'a' + random_below(state, 26));
		else
			appendStringInfoString(out,
								   characters[random_below(state,
														   lengthof(characters))]);
	}
	appendStringInfoChar(out, '"');
}

/* Any value, nested at most depth deep. */
static void
value(StringInfo out, uint32 *state, int depth)
{
	static const char *const scalars[] = {
		"null", "true", "false", "0", "-0", "-1", "12", "0.5", "-1.25",
		"1e5", "1E+2", "2.5e-3", "[]", "{}"
	};
	uint32		n = random_below(state, 4);
	bool		object = random_below(state, 2) == 0;

	space(out, state);
	if (depth == 0 || random_below(state, 2) == 0)
	{
		if (random_below(state, 2) == 0)
			string(out, state, 20);
		else
			appendStringInfoString(out,
								   scalars[random_below(state,
														lengthof(scalars))]);
	}
	else
	{
		appendStringInfoChar(out, object ? '{' : '[');
		for (uint32 i = 0; i < n; i++)
		{
			if (i > 0)
				appendStringInfoChar(out, ',');
			if (object)
			{
				space(out, state);
				/* json-c keeps only one of two equal keys, we all of them */
				appendStringInfo(out, "\"k%u\"", i);
				space(out, state);
				appendStringInfoChar(out, ':');
			}
			value(out, state, depth - 1);
		}
		space(out, state);
		appendStringInfoChar(out, object ? '}' : ']');
	}
	space(out, state);
}

static void
rows(StringInfo out, uint32 *state, int ncolumns)
{
	uint32		nrows = random_below(state, 6);
	uint32		width = random_below(state, 10) == 0 ? 5000 : 40;

	appendStringInfoChar(out, '[');
	for (uint32 i = 0; i < nrows; i++)
	{
		if (i > 0)
			appendStringInfoChar(out, ',');
		space(out, state);
		appendStringInfoChar(out, '[');
		for (int column = 0; column < ncolumns; column++)
		{
			if (column > 0)
				appendStringInfoChar(out, ',');
			space(out, state);
			if (random_below(state, 5) == 0)
				appendStringInfoString(out, "null");
			else
				string(out, state, width);
			space(out, state);
		}
		appendStringInfoChar(out, ']');
	}
	space(out, state);
	appendStringInfoChar(out, ']');
}

/* Key number which of a result, with its value. */
static void
member(StringInfo out, uint32 *state, int which, int ncolumns)
{
	space(out, state);
	switch (which)
	{
		case 0:
			appendStringInfoString(out, "\"rows\":");
			rows(out, state, ncolumns);
			break;
		case 1:
			appendStringInfoString(out, "\"command\" :\"SELECT\"");
			break;
		case 2:
			appendStringInfoString(out, "\"fields\": [");
			value(out, state, 4);
			appendStringInfoChar(out, ']');
			break;
		case 3:
			appendStringInfoString(out, "\"rowCount\":");
			if (random_below(state, 4) == 0)
				appendStringInfoString(out, "null");
			else
				appendStringInfo(out, "%u", random_next(state));
			break;
		default:
			appendStringInfo(out, "\"unknown%d\":", which);
			value(out, state, 5);
			break;
	}
	space(out, state);
}

static void
reply(StringInfo out, uint32 *state, int nresults, const int *ncolumns)
{
	appendStringInfoString(out, "{");
	if (random_below(state, 4) == 0)
	{
		appendStringInfoString(out, "\"before\":");
		value(out, state, 5);
		appendStringInfoChar(out, ',');
	}
	appendStringInfoString(out, "\"results\":[");
	for (int i = 0; i < nresults; i++)
	{
		/* rotating what belongs there gives all sorts of orders */
		int			nmembers = random_below(state, 3) + 4;
		int			first = random_below(state, nmembers);

		appendStringInfoString(out, i > 0 ? ",{" : "{");
		for (int j = 0; j < nmembers; j++)
		{
			if (j > 0)
				appendStringInfoChar(out, ',');
			member(out, state, (first + j) % nmembers, ncolumns[i]);
		}
		appendStringInfoChar(out, '}');
	}
	space(out, state);
	appendStringInfoString(out, "]}");
	space(out, state);
}

/* Changes a few bytes: dropped, doubled, replaced or cut off. */
static void
damage(StringInfo out, uint32 *state)
{
	static const char bytes[] = "\"\\{}[],:n0-\x80\xc3u \n\x01'\xff";

	for (int i = random_below(state, 3); i >= 0 && out->len > 1; i--)
	{
		int			at = random_below(state, out->len);

		switch (random_below(state, 4))
		{
			case 0:
				memmove(out->data + at, out->data + at + 1, out->len - at);
				out->len--;
				break;
			case 1:
				enlargeStringInfo(out, 1);
				memmove(out->data + at + 1, out->data + at, out->len - at + 1);
				out->len++;
				break;
			case 2:
				out->data[at] = bytes[random_below(state, sizeof(bytes) - 1)];
				break;
			default:
				if (random_below(state, 10) == 0)
					out->len = at;
				break;
		}
	}
}

/* Is what we make of it the same however it is cut, and what json-c says? */
static bool
agree(StringInfo text, int nresults, const int *ncolumns, uint32 split,
	  bool *complete)
{
	StringInfoData whole;
	StringInfoData other;
	bool		good;

	initStringInfo(&whole);
	initStringInfo(&other);
	*complete = transcribe(&whole, text->data, text->len, nresults, ncolumns,
						   SPLIT_WHOLE, true);
	transcribe(&other, text->data, text->len, nresults, ncolumns, split, true);
	good = strcmp(whole.data, other.data) == 0;
	if (good && *complete)
	{
		resetStringInfo(&other);
		good = oracle(&other, text->data, text->len) &&
			strcmp(whole.data, other.data) == 0;
	}
	if (!good)
		printf("--- reply\n%.*s\n--- whole\n%s--- other\n%s",
			   text->len, text->data, whole.data, other.data);
	pfree(whole.data);
	pfree(other.data);
	return good;
}

void
test_random(void)
{
	uint32		state = 20260101;
	int			ngood = 0;
	int			ndamaged = 0;
	int			naccepted = 0;
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < GOOD_REPLIES + DAMAGED_REPLIES; i++)
	{
		int			nresults = random_below(&state, 4);
		int			ncolumns[3];
		int			expected[3];
		bool		complete;

		for (int j = 0; j < nresults; j++)
		{
			ncolumns[j] = random_below(&state, 6);
			expected[j] = random_below(&state, 2) == 0 ? -1 : ncolumns[j];
		}
		resetStringInfo(&text);
		reply(&text, &state, nresults, ncolumns);
		if (i >= GOOD_REPLIES)
			damage(&text, &state);
		if (!agree(&text, nresults, expected,
				   i % 2 == 0 ? SPLIT_BYTES : random_next(&state) | 2,
				   &complete))
			continue;
		if (i >= GOOD_REPLIES)
		{
			ndamaged++;
			if (complete)
				naccepted++;
		}
		else if (complete)
			ngood++;
	}
	pfree(text.data);
	ok(ngood == GOOD_REPLIES, "random replies read as json-c reads them: %d",
	   ngood);
	ok(ndamaged == DAMAGED_REPLIES,
	   "damaged replies are broken (%d) or read as json-c reads them (%d)",
	   ndamaged - naccepted, naccepted);
}
