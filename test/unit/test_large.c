/*-------------------------------------------------------------------------
 *
 * test_large.c
 *		Large values, many rows, and the memory that they take.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include <sanitizer/allocator_interface.h>

#include "harness.h"

#define MB			((size_t) 1024 * 1024)
#define MAX_VALUE	((size_t) 0x3ffffffe)

#define BEFORE_ROWS	"{\"results\":[{\"fields\":[],\"rows\":["
#define AFTER_ROWS	"],\"command\":\"SELECT\",\"rowCount\":1}]}"

/* Feeds one chunk and says how it was taken; counts the rows. */
static NeonResponseEvent
feed(NeonResponse *r, const char *data, size_t len, int64 *nrows)
{
	NeonResponseEvent event;

	neon_response_feed(r, data, len);
	while ((event = neon_response_next(r)) == NEON_RESPONSE_ROW ||
		   event == NEON_RESPONSE_RESULT_END)
	{
		if (event == NEON_RESPONSE_ROW && nrows != NULL)
			(*nrows)++;
	}
	return event;
}

static NeonResponseEvent
feed_text(NeonResponse *r, const char *text)
{
	return feed(r, text, strlen(text), NULL);
}

/* Feeds len bytes of a pattern that is one character long each time. */
static NeonResponseEvent
feed_pattern(NeonResponse *r, const char *pattern, size_t len)
{
	size_t		width = strlen(pattern);
	size_t		size = MB / width * width;
	char	   *chunk = malloc(size);
	NeonResponseEvent event = NEON_RESPONSE_NEED_INPUT;

	for (size_t i = 0; i < size; i++)
		chunk[i] = pattern[i % width];
	while (len > 0 && event == NEON_RESPONSE_NEED_INPUT)
	{
		size_t		n = Min(len, size);

		event = feed(r, chunk, n, NULL);
		len -= n;
	}
	free(chunk);
	return event;
}

/* A value of ten megabytes: 16 kB at a time, as curl hands them out. */
static void
large_value(const char *what, const char *pattern, const char *decoded)
{
	int			ncolumns = 3;
	NeonResponse *r = neon_response_create(1, &ncolumns);
	size_t		count = 10 * MB / strlen(decoded);
	size_t		width = strlen(decoded);
	const NeonRow *row;
	bool		good;

	feed_text(r, BEFORE_ROWS "[\"first\",\"");
	good = feed_pattern(r, pattern, count * strlen(pattern)) ==
		NEON_RESPONSE_NEED_INPUT;
	neon_response_feed(r, "\",\"last\"]", 9);
	good = good && neon_response_next(r) == NEON_RESPONSE_ROW;
	row = neon_response_row(r);
	good = good && row->ncolumns == 3 &&
		strcmp(row->values[0], "first") == 0 &&
		strcmp(row->values[2], "last") == 0 &&
		row->lengths[1] == count * width &&
		strlen(row->values[1]) == count * width &&
		row->ascii == ((decoded[0] & 0x80) == 0);
	for (size_t i = 0; good && i < count * width; i++)
		good = row->values[1][i] == decoded[i % width];
	good = good && neon_response_next(r) == NEON_RESPONSE_NEED_INPUT &&
		feed_text(r, AFTER_ROWS) == NEON_RESPONSE_NEED_INPUT &&
		neon_response_finish(r) == NEON_RESPONSE_END;
	ok(good, "a value of 10 MB, %s", what);
	neon_response_free(r);
}

/* The largest value there is, and one byte more. */
static void
largest_value(size_t length, bool fits)
{
	int			ncolumns = -1;
	NeonResponse *r = neon_response_create(1, &ncolumns);
	NeonResponseEvent event;
	bool		good;

	feed_text(r, BEFORE_ROWS "[\"");
	event = feed_pattern(r, "x", length);
	if (event == NEON_RESPONSE_NEED_INPUT)
	{
		neon_response_feed(r, "\"]", 2);
		event = neon_response_next(r);
	}
	if (fits)
		good = event == NEON_RESPONSE_ROW &&
			neon_response_row(r)->lengths[0] == length &&
			neon_response_row(r)->values[0][length] == '\0';
	else
		good = event == NEON_RESPONSE_BROKEN &&
			neon_response_offset(r) == strlen(BEFORE_ROWS) + 1 &&
			strcmp(neon_response_problem(r),
				   "string is longer than 1073741822 bytes, "
				   "in row 1 of result 1") == 0;
	ok(good, "a value of %zu bytes %s", length, fits ? "fits" : "is broken");
	neon_response_free(r);
}

/* A row is as large as its values together, whatever their number. */
static void
row_of_gigabyte(size_t length, int n, bool fits)
{
	int			ncolumns = -1;
	NeonResponse *r = neon_response_create(1, &ncolumns);
	NeonResponseEvent event;
	bool		good;
	size_t		most = 0;

	event = feed_text(r, BEFORE_ROWS "[\"");
	for (int i = 0; i < n && event == NEON_RESPONSE_NEED_INPUT; i++)
	{
		if (i > 0)
			feed_text(r, "\",\"");
		event = feed_pattern(r, i % 2 ? "b" : "a", length);
		most = Max(most, __sanitizer_get_current_allocated_bytes());
	}
	if (event == NEON_RESPONSE_NEED_INPUT)
	{
		neon_response_feed(r, "\"]", 2);
		event = neon_response_next(r);
	}
	if (fits)
		good = event == NEON_RESPONSE_ROW &&
			neon_response_row(r)->lengths[n - 1] == length &&
			neon_response_row(r)->values[n - 1][length - 1] ==
			(n % 2 ? 'a' : 'b');
	else
		good = event == NEON_RESPONSE_BROKEN &&
			strcmp(neon_response_problem(r),
				   "row is larger than 1 GB, in row 1 of result 1") == 0;
	ok(good && most < 1100 * MB, "a row of %d values of %zu MB %s",
	   n, length / MB, fits ? "fits" : "is broken, in bounded memory");
	neon_response_free(r);
}

/* What a string outside of rows may have, and what is blamed beyond. */
static void
limit(const char *what, const char *before, size_t length,
	  uint64 offset, const char *problem)
{
	int			ncolumns = 1;
	NeonResponse *r = neon_response_create(1, &ncolumns);
	NeonResponseEvent event;

	feed_text(r, before);
	event = feed_pattern(r, "x", length);
	if (problem == NULL)
		ok(event == NEON_RESPONSE_NEED_INPUT, "%s of %zu bytes", what, length);
	else
		ok(event == NEON_RESPONSE_BROKEN &&
		   neon_response_offset(r) == offset &&
		   strcmp(neon_response_problem(r), problem) == 0,
		   "%s of %zu bytes is broken", what, length);
	neon_response_free(r);
}

static void
limits(void)
{
	limit("a key", "{\"", 1024, 0, NULL);
	limit("a key", "{\"", 1025, 1, "string is longer than 1024 bytes");
	limit("an unknown value", "{\"x\":\"", 16 * MB, 0, NULL);
	limit("an unknown value", "{\"x\":\"", 16 * MB + 1, 5,
		  "string is longer than 16777216 bytes");
	limit("a string in the place of a row", BEFORE_ROWS "\"", 16 * MB, 0, NULL);
	limit("a string in the place of a row", BEFORE_ROWS "\"", 16 * MB + 1,
		  strlen(BEFORE_ROWS), "string is longer than 16777216 bytes");
	limit("fields", "{\"results\":[{\"fields\":[\"\", \"", 15 * MB, 0, NULL);
	limit("fields", "{\"results\":[{\"fields\":[\"\", \"", 17 * MB, 22,
		  "\"fields\" of result 1 is longer than 16777216 bytes");
}

/* "fields" is copied piece by piece: many long ones, one after the other. */
static void
large_fields(void)
{
	int			ncolumns[] = {0, 0};
	NeonResponse *r = neon_response_create(2, ncolumns);
	NeonResponseEvent event = NEON_RESPONSE_NEED_INPUT;
	const char *fields = "";
	size_t		before = __sanitizer_get_current_allocated_bytes();

	feed_text(r, "{\"results\":[{\"fields\":[\"");
	feed_pattern(r, "x", 8 * MB);
	neon_response_feed(r, "\"],\"rows\":[],\"command\":\"A\"}", 27);
	event = neon_response_next(r);
	if (event == NEON_RESPONSE_RESULT_END)
		fields = neon_response_fields(r);
	ok(strlen(fields) == 8 * MB + 4 && strncmp(fields, "[\"xx", 4) == 0 &&
	   strcmp(fields + 8 * MB, "xx\"]") == 0, "fields of 8 MB");

	neon_response_next(r);
	neon_response_feed(r, ",{\"rows\":[],\"command\":\"B\"}]}", 28);
	event = neon_response_next(r);
	ok(event == NEON_RESPONSE_RESULT_END &&
	   neon_response_fields(r)[0] == '\0' &&
	   __sanitizer_get_current_allocated_bytes() < before + 2 * MB,
	   "their memory is given back");
	neon_response_free(r);
}

/* Needs between rows of 20 bytes, once a row of 50 MB. */
static void
many_rows(void)
{
	static const char row[] = "[\"some text\",\"123\",null],";
	int			ncolumns = 3;
	NeonResponse *r = neon_response_create(1, &ncolumns);
	int64		nrows = 0;
	bool		good = true;
	char		chunk[(sizeof(row) - 1) * 1000];
	size_t		before;
	size_t		peak = 0;

	for (int i = 0; i < 1000; i++)
		memcpy(chunk + i * (sizeof(row) - 1), row, sizeof(row) - 1);
	feed_text(r, BEFORE_ROWS);
	before = __sanitizer_get_current_allocated_bytes();
	for (int i = 0; i < 1000; i++)
	{
		good = good && feed(r, chunk, sizeof(chunk), &nrows) ==
			NEON_RESPONSE_NEED_INPUT;
		peak = Max(peak, __sanitizer_get_current_allocated_bytes());
	}
	ok(good && nrows == 1000000, "a million rows");
	ok(peak <= before, "they take no memory");

	feed_text(r, "[\"");
	feed_pattern(r, "x", 50 * MB);
	good = good && feed_text(r, "\",null,null],") == NEON_RESPONSE_NEED_INPUT;
	good = good && feed(r, chunk, sizeof(chunk), &nrows) ==
		NEON_RESPONSE_NEED_INPUT;
	ok(good && __sanitizer_get_current_allocated_bytes() < before + 2 * MB,
	   "a row of 50 MB among them: its memory is given back");
	neon_response_free(r);
}

/* What a hostile reply can make us keep for columns. */
static void
many_columns(void)
{
	int			ncolumns = -1;
	NeonResponse *r = neon_response_create(1, &ncolumns);
	NeonResponseEvent event;

	feed_text(r, BEFORE_ROWS "[null");
	event = feed_pattern(r, ",null", 5 * 1663);
	neon_response_feed(r, "]", 1);
	ok(event == NEON_RESPONSE_NEED_INPUT &&
	   neon_response_next(r) == NEON_RESPONSE_ROW &&
	   neon_response_row(r)->ncolumns == 1664, "1,664 columns");
	neon_response_free(r);

	r = neon_response_create(1, &ncolumns);
	feed_text(r, BEFORE_ROWS "[null");
	event = feed_pattern(r, ",null", 5 * 1664);
	ok(event == NEON_RESPONSE_BROKEN &&
	   strcmp(neon_response_problem(r),
			  "too many columns in row 1 of result 1: more than 1664") == 0,
	   "1,665 columns are broken");
	neon_response_free(r);
}

/*
 * What is of no use to anybody has an end, wherever it comes.  before: what
 * stands before 100 MB of the pattern; useful: they are to be taken.
 */
static void
without_rows(const char *what, const char *before, const char *pattern,
			 bool useful)
{
	int			ncolumns = -1;
	NeonResponse *r = neon_response_create(1, &ncolumns);
	NeonResponseEvent event = feed_text(r, before);
	size_t		len = 10 * MB / strlen(pattern) * strlen(pattern);
	bool		good;

	while (event == NEON_RESPONSE_ROW || event == NEON_RESPONSE_RESULT_END)
		event = neon_response_next(r);
	for (int i = 0; i < 10 && event == NEON_RESPONSE_NEED_INPUT; i++)
		event = feed_pattern(r, pattern, len);
	if (useful)
		good = event == NEON_RESPONSE_NEED_INPUT;
	else
		good = event == NEON_RESPONSE_BROKEN &&
			neon_response_offset(r) >= 64 * MB &&
			neon_response_offset(r) <= 66 * MB &&
			strncmp(neon_response_problem(r),
					"more than 64 MB have come without a row", 39) == 0;
	ok(good, "100 MB of %s", what);
	neon_response_free(r);
}

void
test_large(void)
{
	large_value("plain", "x", "x");
	large_value("escapes", "\\n", "\n");
	large_value("escaped characters", "\\u00e9", "\xc3\xa9");
	large_value("surrogate pairs", "\\ud83d\\ude00", "\xf0\x9f\x98\x80");
	large_value("raw characters", "\xe2\x82\xac", "\xe2\x82\xac");
	large_value("a byte that ends a run, then 20 plain ones",
				"\\\"abcdefghijklmnopqrst", "\"abcdefghijklmnopqrst");
	limits();
	large_fields();
	many_columns();
	many_rows();
	without_rows("blanks and nothing else", "", " ", false);
	without_rows("blanks before rows", BEFORE_ROWS, "\n", false);
	without_rows("blanks behind a row", BEFORE_ROWS "[\"a\"]", "\t", false);
	without_rows("blanks in a row", BEFORE_ROWS "[\"a\",", " ", false);
	without_rows("blanks behind the end",
				 BEFORE_ROWS "[\"a\"]" AFTER_ROWS, " ", false);
	without_rows("unknown keys", "{\"x\":1", ",\"x\":[\"text\"]", false);
	without_rows("an unknown value", "{\"x\":[1", ",{\"y\":null}", false);
	without_rows("digits", "{\"x\":1", "1", false);
	without_rows("a value of a row", BEFORE_ROWS "[\"a\",\"", "x", true);

	/* these need a few GB of memory */
	if (getenv("SKIP_HUGE") == NULL)
	{
		largest_value(MAX_VALUE, true);
		largest_value(MAX_VALUE + 1, false);
		row_of_gigabyte(500 * MB, 2, true);
		row_of_gigabyte(600 * MB, 2, false);
		row_of_gigabyte(900 * MB, 4, false);
		row_of_gigabyte(1 * MB, 1200, false);
	}
}
