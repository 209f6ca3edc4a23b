/*-------------------------------------------------------------------------
 *
 * json/lexer.h
 *		Resumable JSON lexer.
 *
 * Takes a JSON text in chunks and hands out its lexemes; it can stop and go
 * on at any byte.  Commas, colons and whitespace are checked here and never
 * seen by the reader; opening and closing lexemes always match.  Strict: what
 * RFC 8259 does not allow is broken.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_JSON_LEXER_H
#define NEON_JSON_LEXER_H

#include "json/unescape.h"

/*
 * Containers within each other: a reply has three around the deepest unknown
 * value, which may have 32 itself.
 */
#define NEON_LEXER_MAX_DEPTH	(3 + 32)

typedef enum NeonLexeme
{
	NEON_LEXEME_NEED_INPUT,		/* all input consumed */
	NEON_LEXEME_OBJECT,			/* { */
	NEON_LEXEME_OBJECT_END,		/* } */
	NEON_LEXEME_ARRAY,			/* [ */
	NEON_LEXEME_ARRAY_END,		/* ] */
	NEON_LEXEME_KEY,			/* in text; the value comes next */
	NEON_LEXEME_STRING,			/* in text */
	NEON_LEXEME_NUMBER,			/* see is_integer, integer */
	NEON_LEXEME_TRUE,
	NEON_LEXEME_FALSE,
	NEON_LEXEME_NULL,
	NEON_LEXEME_BROKEN			/* see problem, problem_offset; final */
} NeonLexeme;

typedef struct NeonLexer
{
	/* the chunk being read, and the offset of its first byte in the text */
	const char *data;
	const char *cur;
	const char *end;
	uint64		base;

	uint64		start;			/* offset of the current lexeme */

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
	NeonLexeme	literal_lexeme;
	int			number;			/* place in a number */
	bool		negative;
	int			depth;
	bool		object[NEON_LEXER_MAX_DEPTH];
} NeonLexer;

/* Allocates in the current memory context, where everything stays. */
extern void neon_lexer_init(NeonLexer *t);
extern void neon_lexer_free(NeonLexer *t);

/* The next chunk, borrowed until NEED_INPUT or BROKEN. */
extern void neon_lexer_feed(NeonLexer *t, const char *data, size_t len);

/*
 * The next lexeme.  string_limit: most bytes that a string value may have
 * which begins with this call.
 */
extern NeonLexeme neon_lexer_next(NeonLexer *t, size_t string_limit);

/* Marks a null among the offsets of strings. */
#define NEON_LEXER_NULL		SIZE_MAX

/*
 * Reads at once, as the next value of an array, an array of n strings and
 * nulls, and says where they are in text; for rows this is a multiple faster
 * than one lexeme after the other.  False, with nothing consumed and text as
 * it was: the array is not as a whole in the chunk, has other values or another
 * number of them, is broken, or has whitespace.  One lexeme after the other
 * tells which.
 */
extern bool neon_lexer_strings(NeonLexer *t, int n, size_t limit,
							   size_t *offsets, int *lengths, bool *ascii);

/* Is the text complete (nothing but whitespace may follow)? */
extern bool neon_lexer_complete(const NeonLexer *t);

/* Has nothing but whitespace come so far? */
extern bool neon_lexer_empty(const NeonLexer *t);

/* Offset of the first byte not consumed. */
static inline uint64
neon_lexer_offset(const NeonLexer *t)
{
	return t->base + (t->cur - t->data);
}

#endif							/* NEON_JSON_LEXER_H */
