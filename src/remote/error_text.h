/*-------------------------------------------------------------------------
 *
 * remote/error_text.h
 *		Texts from outside made fit to be shown.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_REMOTE_ERROR_TEXT_H
#define NEON_REMOTE_ERROR_TEXT_H

#include "lib/stringinfo.h"

/* Longest text that is shown, in bytes; longer ones end in "...". */
#define NEON_TEXT_LIMIT		8192

/*
 * What to hide: secrets (a NULL-terminated list) of at least shortest bytes,
 * wherever they stand in a text.  A short one would also be found inside
 * words that give nothing away, and make them unreadable.
 */
typedef struct NeonRedaction
{
	const char *const *secrets;
	size_t		shortest;
} NeonRedaction;

/*
 * Returns a copy of a text that should be UTF-8, in the server's encoding,
 * palloc'd: secrets become "***", what is not valid or has no equivalent
 * becomes "?", control characters other than line feeds and tabs are left
 * out, what is longer than limit is cut.  Never fails because of what the
 * text holds: whoever reads a message needs it most when things are odd.
 */
extern char *neon_text_show(const char *text, size_t len, size_t limit,
							const NeonRedaction *redaction);

/* The same on one line: runs of white space become one space. */
extern char *neon_text_show_line(const char *text, size_t len, size_t limit,
								 const NeonRedaction *redaction);

/*
 * Appends an item to a list that is a part of a message, with a comma before
 * it.  A list that is long already ends in "..." instead.
 */
extern void neon_text_list(StringInfo list, const char *item);

#endif							/* NEON_REMOTE_ERROR_TEXT_H */
