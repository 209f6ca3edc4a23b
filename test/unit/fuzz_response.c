/*-------------------------------------------------------------------------
 *
 * fuzz_response.c
 *		libFuzzer target of the reply's decoder.
 *
 * Whatever comes, the decoder must not crash, must say the same however the
 * reply is cut, and what it accepts must be what json-c reads.
 *
 * The first byte of an input says what is expected: its lowest two bits the
 * number of results, the next three the columns of each, 7 for any number.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "harness.h"

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
differ(const char *what, StringInfo a, StringInfo b)
{
	fprintf(stderr, "%s:\n--- whole\n%s--- other\n%s", what, a->data, b->data);
	abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *reply = (const char *) data + 1;
	int			ncolumns[3];
	int			nresults;
	uint32		split = (uint32) size;
	bool		complete;
	StringInfoData whole;
	StringInfoData other;

	if (size == 0)
		return 0;
	size--;
	nresults = data[0] & 3;
	for (int i = 0; i < nresults; i++)
	{
		ncolumns[i] = (data[0] >> 2) & 7;
		if (ncolumns[i] == 7)
			ncolumns[i] = -1;
	}
	for (size_t i = 0; i < size; i++)
		split = split * 31 + data[1 + i];
	split |= 2;

	initStringInfo(&whole);
	initStringInfo(&other);
	complete = transcribe(&whole, reply, size, nresults, ncolumns,
						  SPLIT_WHOLE, true);
	transcribe(&other, reply, size, nresults, ncolumns, SPLIT_BYTES, true);
	if (strcmp(whole.data, other.data) != 0)
		differ("byte by byte it reads differently", &whole, &other);
	resetStringInfo(&other);
	transcribe(&other, reply, size, nresults, ncolumns, split, true);
	if (strcmp(whole.data, other.data) != 0)
		differ("in pieces it reads differently", &whole, &other);

	if (complete)
	{
		resetStringInfo(&other);
		if (!oracle(&other, reply, size) ||
			strcmp(whole.data, other.data) != 0)
			differ("json-c reads it differently", &whole, &other);
	}
	pfree(whole.data);
	pfree(other.data);
	return 0;
}
