/*-------------------------------------------------------------------------
 *
 * json/response.c
 *		Streaming decoder of the endpoint's reply to a batch.
 *
 * json/lexer.c sees to the grammar of JSON, json/reply.c to the shape of a
 * reply; here they are driven, and the caller is told what came of it.
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
#include "json/response.h"
#ifndef FRONTEND
#include "utils/memutils.h"
#endif

/*
 * No datum is larger than MaxAllocSize, and the NUL is ours: a longer value
 * could not be used anyway.
 */
#define MAX_VALUE	((size_t) MaxAllocSize - 1)

/*
 * Other strings are short.  The limit is far above what occurs, and bounds
 * the memory that a hostile or broken endpoint can make us use.
 */
#define MAX_OTHER	((size_t) 16 * 1024 * 1024)

/*
 * So many bytes may come without anything that a caller gets: blanks, or values
 * of unknown keys.  A reply may last as long as rows come, so that nothing else
 * would end it.
 */
#define MAX_VOID	((uint64) 64 * 1024 * 1024)

NeonResponse *
neon_response_create(int nresults, const int *ncolumns)
{
	NeonResponse *r = palloc0(sizeof(NeonResponse));

	neon_lexer_init(&r->lexer);
	r->place = PLACE_START;
	r->nresults = nresults;
	r->ncolumns = palloc(sizeof(int) * Max(nresults, 1));
	for (int i = 0; i < nresults; i++)
		r->ncolumns[i] = ncolumns[i];
	r->rowcount = -1;

	r->fields_size = 1024;
	r->fields = palloc0(r->fields_size);

	r->row_size = 16;
	r->row.values = palloc(sizeof(char *) * r->row_size);
	r->row.lengths = palloc(sizeof(int) * r->row_size);
	r->offsets = palloc(sizeof(size_t) * r->row_size);
	return r;
}

void
neon_response_expect_single(NeonResponse *r)
{
	Assert(r->nresults == 1);
	r->single = true;
}

void
neon_response_free(NeonResponse *r)
{
	neon_lexer_free(&r->lexer);
	pfree(r->ncolumns);
	pfree(r->fields);
	pfree(r->row.values);
	pfree(r->row.lengths);
	pfree(r->offsets);
	pfree(r);
}

/* Passes on what the lexer has found, with the place in the reply. */
static NeonResponseEvent
broken_lexeme(NeonResponse *r)
{
	const char *problem = r->lexer.problem;
	uint64		offset = r->lexer.problem_offset;

	if (r->place == PLACE_ROW)
		return neon_reply_broken(r, offset, "%s, in row %lld of result %d",
								 problem, (long long) r->nrows, r->result);
	return neon_reply_broken(r, offset, "%s", problem);
}

void
neon_response_feed(NeonResponse *r, const char *data, size_t len)
{
	neon_lexer_feed(&r->lexer, data, len);
	if (r->place == PLACE_FIELDS)
		r->capture = r->lexer.cur;
}

/* All input is consumed.  Has some of it been of use? */
static NeonResponseEvent
need_input(NeonResponse *r)
{
	uint64		offset = neon_lexer_offset(&r->lexer);
	size_t		text = r->place == PLACE_ROW ? r->lexer.text.used : 0;

	if (r->result != r->useful_result || r->nrows != r->useful_row ||
		text != r->useful_text)
	{
		r->useful_result = r->result;
		r->useful_row = r->nrows;
		r->useful_text = text;
		r->useful_offset = offset;
	}
	else if (offset - r->useful_offset > MAX_VOID)
		return neon_reply_broken(r, offset,
								 "more than 64 MB have come without a row");
	if (r->place == PLACE_FIELDS)
		return neon_reply_capture(r);
	return NEON_RESPONSE_NEED_INPUT;
}

NeonResponseEvent
neon_response_next(NeonResponse *r)
{
	if (r->is_broken)
		return NEON_RESPONSE_BROKEN;
	if (r->finished)
		return NEON_RESPONSE_END;
	if (r->row_done)
	{
		r->row_done = false;
		neon_unescape_reset(&r->lexer.text);
	}

	for (;;)
	{
		size_t		limit = MAX_OTHER;
		NeonLexeme	lexeme;
		NeonResponseEvent event;

		if (r->place == PLACE_ROWS && neon_reply_take_row(r, MAX_VALUE))
			return NEON_RESPONSE_ROW;
		if (r->place == PLACE_ROW)
			limit = MAX_VALUE;
		else if (r->place == PLACE_RESULT && r->key == KEY_COMMAND)
			limit = NEON_MAX_COMMAND;

		lexeme = neon_lexer_next(&r->lexer, limit);
		if (lexeme == NEON_LEXEME_BROKEN)
			return broken_lexeme(r);
		if (lexeme == NEON_LEXEME_NEED_INPUT)
			return need_input(r);

		event = neon_reply_take(r, lexeme);
		/* only the strings of a row are kept until it is complete */
		if (r->place != PLACE_ROW && !r->row_done)
			neon_unescape_reset(&r->lexer.text);
		if (event != NEON_RESPONSE_NEED_INPUT)
			return event;
	}
}

NeonResponseEvent
neon_response_finish(NeonResponse *r)
{
	if (r->is_broken)
		return NEON_RESPONSE_BROKEN;
	if (!neon_lexer_complete(&r->lexer))
		return neon_reply_broken(r, neon_lexer_offset(&r->lexer),
								 neon_lexer_empty(&r->lexer) ?
								 "reply is empty" : "reply ends early");
	r->finished = true;
	return NEON_RESPONSE_END;
}

const NeonRow *
neon_response_row(NeonResponse *r)
{
	return &r->row;
}

const char *
neon_response_command(NeonResponse *r)
{
	return r->command;
}

int64
neon_response_rowcount(NeonResponse *r)
{
	return r->rowcount;
}

const char *
neon_response_fields(NeonResponse *r)
{
	return r->fields;
}

const char *
neon_response_problem(NeonResponse *r)
{
	return r->problem;
}

uint64
neon_response_offset(NeonResponse *r)
{
	return r->offset;
}
