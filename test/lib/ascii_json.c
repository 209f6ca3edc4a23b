/*-------------------------------------------------------------------------
 *
 * ascii_json.c
 *		JSON in ASCII, for json-c's strict mode.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "ascii_json.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Three characters of output for each byte: the most that an escape takes. */
#define GROWTH 3

/* The character at s, and its length in bytes: 0 if it is not valid UTF-8. */
static size_t
decode(const unsigned char *s, size_t left, uint32_t *character)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t		bytes = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	uint32_t	c = s[0] & (0xff >> (bytes + 1));

	if (s[0] < 0xc0 || s[0] > 0xf7 || bytes > left)
		return 0;
	for (size_t i = 1; i < bytes; i++)
	{
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < smallest[bytes] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*character = c;
	return bytes;
}

static char *
write_escape(char *out, uint32_t character)
{
	if (character < 0x10000)
		return out + sprintf(out, "\\u%04x", (unsigned) character);
	character -= 0x10000;
	return out + sprintf(out, "\\u%04x\\u%04x",
						 (unsigned) (0xd800 + (character >> 10)),
						 (unsigned) (0xdc00 + (character & 0x3ff)));
}

char *
ascii_json(const char *json, size_t len, size_t *ascii_len)
{
	const unsigned char *in = (const unsigned char *) json;
	const unsigned char *end = in + len;
	char	   *result = malloc(len * GROWTH + 1);
	char	   *out = result;
	int			escaped = 0;	/* behind an unescaped backslash? */

	if (result == NULL)
		abort();
	while (in < end)
	{
		uint32_t	character;
		size_t		bytes;

		if (*in < 0x80)
		{
			escaped = *in == '\\' && !escaped;
			*out++ = *in++;
			continue;
		}
		bytes = escaped ? 0 : decode(in, end - in, &character);
		if (bytes == 0)
		{
			free(result);
			return NULL;
		}
		out = write_escape(out, character);
		in += bytes;
	}
	*out = '\0';
	*ascii_len = out - result;
	return result;
}
