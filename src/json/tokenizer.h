/*-------------------------------------------------------------------------
 *
 * json/tokenizer.h
 *		Resumable JSON tokenizer.
 *
 * Takes a JSON text in chunks and hands out its tokens; it can stop and go
 * on at any byte.  Commas, colons and whitespace are checked here and never
 * seen by the reader; opening and closing tokens always match.  Strict: what
 * RFC 8259 does not allow is broken.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_JSON_TOKENIZER_H
#define NEON_JSON_TOKENIZER_H

#include "json/unescape.h"

/*
 * Containers within each other: a reply has three around the deepest unknown
 * value, which may have 32 itself.
 */
#define NEON_TOKEN_MAX_DEPTH	(3 + 32)

typedef enum NeonToken
{
	NEON_TOKEN_NEED_INPUT,		/* all input consumed */
	NEON_TOKEN_OBJECT,			/* { */
	NEON_TOKEN_OBJECT_END,		/* } */
	NEON_TOKEN_ARRAY,			/* [ */
	NEON_TOKEN_ARRAY_END,		/* ] */
	NEON_TOKEN_KEY,				/* in text; the value comes next */
	NEON_TOKEN_STRING,			/* in text */
	NEON_TOKEN_NUMBER,			/* see is_integer, integer */
	NEON_TOKEN_TRUE,
	NEON_TOKEN_FALSE,
	NEON_TOKEN_NULL,
	NEON_TOKEN_BROKEN			/* see problem, problem_offset; final */
} NeonToken;

typedef struct NeonTokenizer
{
	/* the chunk being read, and the offset of its first byte in the text */
	const char *data;
	const char *cur;
	const char *end;
	uint64		base;

	uint64		start;			/* offset of the current token */

	/*
	 * Keys and strings are appended to this; the reader resets it when it
	 * wants none of them any more.
	 */
	NeonUnescape text;

	/* of a number */
	bool		is_integer;		/* no fraction, no exponent, fits */
	int64		integer;

	const char *problem;
	uint64		problem_offset;

	/* private */
	int			state;
	size_t		string_limit;
	const char *literal;		/* what of it must still come */
	NeonToken	literal_token;
	int			number;			/* place in a number */
	bool		negative;
	int			depth;
	bool		object[NEON_TOKEN_MAX_DEPTH];
} NeonTokenizer;

/* Allocates in the current memory context, where everything stays. */
extern void neon_token_init(NeonTokenizer *t);
extern void neon_token_free(NeonTokenizer *t);

/* The next chunk, borrowed until NEED_INPUT or BROKEN. */
extern void neon_token_feed(NeonTokenizer *t, const char *data, size_t len);

/*
 * The next token.  string_limit: most bytes that a string value may have
 * which begins with this call.
 */
extern NeonToken neon_token_next(NeonTokenizer *t, size_t string_limit);

/* Is the text complete (nothing but whitespace may follow)? */
extern bool neon_token_complete(const NeonTokenizer *t);

/* Has nothing but whitespace come so far? */
extern bool neon_token_empty(const NeonTokenizer *t);

/* Offset of the first byte not consumed. */
static inline uint64
neon_token_offset(const NeonTokenizer *t)
{
	return t->base + (t->cur - t->data);
}

#endif							/* NEON_JSON_TOKENIZER_H */
