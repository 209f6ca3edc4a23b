/*-------------------------------------------------------------------------
 *
 * bench_response.c
 *		Throughput of the reply's decoder, alone.
 *
 * The reply has a million rows of an integer, a text of 20 to 40 bytes, a
 * timestamptz and a numeric: some 78 MB.  It is fed in chunks as curl hands
 * them out.  Every value is looked at, as a type's input function would, so
 * that no work can be left out.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include "lib/stringinfo.h"
#include "portability/instr_time.h"
#include "json/response.h"

#define ROWS		1000000
#define CHUNK		16384
#define ROUNDS		5

/* Writes a string of a reply; letters and escapes as the kind asks for. */
static void
make_text(StringInfo out, int i, const char *kind)
{
	int			len = 20 + i % 21;

	for (int j = 0; j < len; j++)
	{
		if (kind[0] == 'e' && j % 6 == 0)
			appendStringInfoString(out, "\\\"");
		else if (kind[0] == 'u' && j % 6 == 0)
			appendStringInfoString(out, "\xc3\xa9");
		else
			appendStringInfoChar(out, 'a' + (i * 7 + j * 3) % 26);
	}
}

static void
make_reply(StringInfo out, const char *kind)
{
	appendStringInfoString(out, "{\"results\":[{\"fields\":[],\"rows\":[");
	for (int i = 0; i < ROWS; i++)
	{
		appendStringInfo(out, "%s[\"%d\",\"", i > 0 ? "," : "", i);
		make_text(out, i, kind);
		appendStringInfo(out, "\",\"2024-%02d-%02d %02d:%02d:%02d+00\",",
						 i % 12 + 1, i % 28 + 1, i % 24, i % 60, i / 60 % 60);
		appendStringInfo(out, "\"%d.%02d\"]", i % 100000, i % 100);
	}
	appendStringInfo(out, "],\"command\":\"SELECT\",\"rowCount\":%d}]}", ROWS);
}

static uint64
decode(const StringInfoData *reply)
{
	int			ncolumns = 4;
	NeonResponse *r = neon_response_create(1, &ncolumns);
	uint64		sum = 0;

	for (int at = 0; at < reply->len; at += CHUNK)
	{
		NeonResponseEvent event;

		neon_response_feed(r, reply->data + at, Min(CHUNK, reply->len - at));
		while ((event = neon_response_next(r)) != NEON_RESPONSE_NEED_INPUT)
		{
			const NeonRow *row = neon_response_row(r);

			if (event == NEON_RESPONSE_BROKEN)
			{
				fprintf(stderr, "%s\n", neon_response_problem(r));
				exit(1);
			}
			if (event == NEON_RESPONSE_ROW)
			{
				for (int i = 0; i < row->ncolumns; i++)
					sum += row->lengths[i] + (unsigned char) row->values[i][0];
			}
		}
	}
	if (neon_response_finish(r) != NEON_RESPONSE_END)
		exit(1);
	neon_response_free(r);
	return sum;
}

static void
bench(const char *kind)
{
	StringInfoData reply;
	double		best = 0;
	uint64		sum = 0;

	initStringInfo(&reply);
	make_reply(&reply, kind);
	for (int i = 0; i < ROUNDS; i++)
	{
		instr_time	start;
		instr_time	end;
		double		seconds;

		INSTR_TIME_SET_CURRENT(start);
		sum += decode(&reply);
		INSTR_TIME_SET_CURRENT(end);
		INSTR_TIME_SUBTRACT(end, start);
		seconds = INSTR_TIME_GET_DOUBLE(end);
		if (i == 0 || seconds < best)
			best = seconds;
	}
	printf("%-8s %6.1f MB, %d rows: %.3f s, %.0f MB/s (sum %llu)\n", kind,
		   reply.len / 1e6, ROWS, best, reply.len / 1e6 / best,
		   (unsigned long long) sum);
	pfree(reply.data);
}

int
main(void)
{
	bench("plain");
	bench("escapes");
	bench("utf8");
	return 0;
}
