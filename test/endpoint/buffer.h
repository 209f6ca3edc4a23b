/*-------------------------------------------------------------------------
 *
 * buffer.h
 *		A growing byte buffer that knows how to write JSON strings.
 *
 * Replies of hundreds of megabytes are built here, so appending costs
 * amortized constant time per byte and nothing is parsed or copied twice.
 * Running out of memory ends the program: there is nothing to save.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENDPOINT_BUFFER_H
#define ENDPOINT_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct Buffer
{
	char	   *data;			/* not terminated, see buffer_terminate() */
	size_t		len;
	size_t		size;
} Buffer;

extern void buffer_free(Buffer *buffer);
extern void buffer_reserve(Buffer *buffer, size_t extra);
extern void buffer_append(Buffer *buffer, const char *data, size_t len);
extern void buffer_append_str(Buffer *buffer, const char *string);
extern void buffer_append_char(Buffer *buffer, char c);
extern void buffer_printf(Buffer *buffer, const char *format,...)
			__attribute__((format(printf, 2, 3)));

/* Adds a NUL that does not count, and returns the data as a C string. */
extern char *buffer_terminate(Buffer *buffer);

/*
 * Appends a quoted JSON string.  Returns false if the text was not valid
 * UTF-8; each offending byte is then written as U+FFFD, so that the document
 * stays valid.
 */
extern bool buffer_append_json(Buffer *buffer, const char *text, size_t len);

/* The same for a C string; NULL becomes the literal null. */
extern void buffer_append_json_str(Buffer *buffer, const char *string);

extern bool utf8_valid(const char *text, size_t len);

/* malloc and friends that never return NULL */
extern void *must_alloc(size_t size);	/* zeroed */
extern char *must_strdup(const char *string);
extern char *must_strndup(const char *string, size_t len);

#endif							/* ENDPOINT_BUFFER_H */
