/*-------------------------------------------------------------------------
 *
 * buffer.c
 *		A growing byte buffer that knows how to write JSON strings.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
out_of_memory(void)
{
	fputs("neon_endpoint: out of memory\n", stderr);
	abort();
}

void *
must_alloc(size_t size)
{
	void	   *p = calloc(1, size ? size : 1);

	if (p == NULL)
		out_of_memory();
	return p;
}

char *
must_strndup(const char *string, size_t len)
{
	char	   *copy = must_alloc(len + 1);

	memcpy(copy, string, len);
	return copy;
}

char *
must_strdup(const char *string)
{
	return must_strndup(string, strlen(string));
}

void
buffer_free(Buffer *buffer)
{
	free(buffer->data);
	memset(buffer, 0, sizeof(*buffer));
}

void
buffer_reserve(Buffer *buffer, size_t extra)
{
	size_t		size = buffer->size ? buffer->size : 256;

	if (extra <= buffer->size - buffer->len)
		return;
	while (size - buffer->len < extra)
		size *= 2;
	buffer->data = realloc(buffer->data, size);
	if (buffer->data == NULL)
		out_of_memory();
	buffer->size = size;
}

void
buffer_append(Buffer *buffer, const char *data, size_t len)
{
	if (len == 0)
		return;
	buffer_reserve(buffer, len);
	memcpy(buffer->data + buffer->len, data, len);
	buffer->len += len;
}

void
buffer_append_str(Buffer *buffer, const char *string)
{
	buffer_append(buffer, string, strlen(string));
}

void
buffer_append_char(Buffer *buffer, char c)
{
	buffer_reserve(buffer, 1);
	buffer->data[buffer->len++] = c;
}

void
buffer_printf(Buffer *buffer, const char *format,...)
{
	va_list		args;
	int			len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);

	/* one more for the NUL that vsnprintf insists on */
	buffer_reserve(buffer, len + 1);
	va_start(args, format);
	vsnprintf(buffer->data + buffer->len, len + 1, format, args);
	va_end(args);
	buffer->len += len;
}

char *
buffer_terminate(Buffer *buffer)
{
	buffer_reserve(buffer, 1);
	buffer->data[buffer->len] = '\0';
	return buffer->data;
}

/* Length of the UTF-8 character at p, 0 if it is not one. */
static size_t
utf8_length(const unsigned char *p, const unsigned char *end)
{
	size_t		len;
	uint32_t	code;

	if (p[0] < 0xc2)
		return 0;
	else if (p[0] < 0xe0)
		len = 2, code = p[0] & 0x1f;
	else if (p[0] < 0xf0)
		len = 3, code = p[0] & 0x0f;
	else if (p[0] < 0xf5)
		len = 4, code = p[0] & 0x07;
	else
		return 0;

	if ((size_t) (end - p) < len)
		return 0;
	for (size_t i = 1; i < len; i++)
	{
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = (code << 6) | (p[i] & 0x3f);
	}
	/* overlong forms, surrogates, beyond Unicode */
	if ((len == 3 && code < 0x800) || (len == 4 && code < 0x10000) ||
		(code >= 0xd800 && code < 0xe000) || code > 0x10ffff)
		return 0;
	return len;
}

bool
utf8_valid(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *) text;
	const unsigned char *end = p + len;

	while (p < end)
	{
		size_t		n = *p < 0x80 ? 1 : utf8_length(p, end);

		if (n == 0)
			return false;
		p += n;
	}
	return true;
}

static void
append_escape(Buffer *buffer, unsigned char c)
{
	static const char short_form[32] = {
		['\b'] = 'b',['\t'] = 't',['\n'] = 'n',['\f'] = 'f',['\r'] = 'r'
	};

	buffer_append_char(buffer, '\\');
	if (c >= 0x20)
		buffer_append_char(buffer, c);
	else if (short_form[c])
		buffer_append_char(buffer, short_form[c]);
	else
		buffer_printf(buffer, "u%04x", c);
}

bool
buffer_append_json(Buffer *buffer, const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *) text;
	const unsigned char *end = p + len;
	bool		valid = true;

	buffer_reserve(buffer, len + 2);
	buffer_append_char(buffer, '"');
	while (p < end)
	{
		const unsigned char *run = p;

		while (p < end && *p >= 0x20 && *p < 0x80 && *p != '"' && *p != '\\')
			p++;
		buffer_append(buffer, (const char *) run, p - run);
		if (p == end)
			break;
		if (*p < 0x80)
			append_escape(buffer, *p++);
		else
		{
			size_t		n = utf8_length(p, end);

			if (n > 0)
				buffer_append(buffer, (const char *) p, n);
			else
			{
				buffer_append_str(buffer, "\xef\xbf\xbd");
				valid = false;
				n = 1;
			}
			p += n;
		}
	}
	buffer_append_char(buffer, '"');
	return valid;
}

void
buffer_append_json_str(Buffer *buffer, const char *string)
{
	if (string == NULL)
		buffer_append_str(buffer, "null");
	else
		buffer_append_json(buffer, string, strlen(string));
}
