/*-------------------------------------------------------------------------
 *
 * json/unescape.h
 *		Resumable decoding of JSON strings into one growing buffer.
 *
 * The decoder of replies reads many strings one after the other; each ends
 * up NUL-terminated and valid UTF-8 behind the one before.  Positions are
 * offsets, because the buffer moves when it grows.  Like json/response.c this
 * builds both in the server and in a frontend program.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_JSON_UNESCAPE_H
#define NEON_JSON_UNESCAPE_H

typedef enum NeonUnescapeResult
{
	NEON_UNESCAPE_MORE,			/* input consumed, the string goes on */
	NEON_UNESCAPE_DONE,			/* closing quote consumed */
	NEON_UNESCAPE_BROKEN		/* see problem and blame_start */
} NeonUnescapeResult;

typedef struct NeonUnescape
{
	char	   *data;
	size_t		size;			/* allocated */
	size_t		used;			/* strings so far, their NULs included */

	/* the string being read, or the one just completed */
	size_t		start;			/* its offset in data */
	size_t		length;			/* set when done, without the NUL */
	size_t		limit;			/* most bytes it may have */
	bool		ascii;			/* no byte >= 0x80 so far */

	int			escape;			/* place inside an escape, 0: outside */
	uint32		code;			/* digits of \u read so far */
	uint32		surrogate;		/* first half of a pair, 0: none */

	char		problem[80];
	bool		blame_start;	/* the problem is the whole string's, not that
								 * of the byte where reading stopped */
} NeonUnescape;

/* Allocates the buffer in the current memory context, where it stays. */
extern void neon_unescape_init(NeonUnescape *u);
extern void neon_unescape_free(NeonUnescape *u);

/* Forgets all strings, and gives memory back that was a one-off need. */
extern void neon_unescape_reset(NeonUnescape *u);

/* Starts a string, its opening quote already consumed. */
extern void neon_unescape_begin(NeonUnescape *u, size_t limit);

/* Reads on from *cur, which is left at the first byte not consumed. */
extern NeonUnescapeResult neon_unescape_continue(NeonUnescape *u,
												 const char **cur,
												 const char *end);

/*
 * Starts a string and reads all of it, its closing quote included.  If that is
 * not there, or the string is broken, returns false: *cur and the string being
 * read are undefined then.
 */
extern bool neon_unescape_whole(NeonUnescape *u, size_t limit,
								const char **cur, const char *end);

#endif							/* NEON_JSON_UNESCAPE_H */
