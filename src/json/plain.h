/*-------------------------------------------------------------------------
 *
 * json/plain.h
 *		Bytes that stand for themselves in a JSON string.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_JSON_PLAIN_H
#define NEON_JSON_PLAIN_H

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/*
 * Copies bytes from src up to the first quote, backslash or control
 * character, at most n, and says how many.  Within dst's n bytes it may
 * write beyond what it copied.
 */
static inline size_t
neon_copy_plain(char *dst, const char *src, size_t n, bool *ascii)
{
	size_t		i = 0;
	unsigned char high = 0;

#ifdef __SSE2__
	const __m128i quote = _mm_set1_epi8('"');
	const __m128i backslash = _mm_set1_epi8('\\');
	const __m128i control = _mm_set1_epi8(0x1f);

	for (; i + 16 <= n; i += 16)
	{
		__m128i		v = _mm_loadu_si128((const __m128i *) (src + i));
		__m128i		special;
		unsigned int stop;
		unsigned int highs = _mm_movemask_epi8(v);

		special = _mm_or_si128(_mm_cmpeq_epi8(v, quote),
							   _mm_cmpeq_epi8(v, backslash));
		/* unsigned v <= 0x1f */
		special = _mm_or_si128(special,
							   _mm_cmpeq_epi8(_mm_min_epu8(v, control), v));
		stop = _mm_movemask_epi8(special);
		_mm_storeu_si128((__m128i *) (dst + i), v);
		if (stop != 0)
		{
			unsigned int at = __builtin_ctz(stop);

			/* high bytes behind the stop are not ours */
			if ((highs & ((1U << at) - 1)) != 0)
				*ascii = false;
			return i + at;
		}
		if (highs != 0)
			*ascii = false;
	}
#endif

	for (; i < n; i++)
	{
		unsigned char c = (unsigned char) src[i];

		if (c == '"' || c == '\\' || c < 0x20)
			break;
		high |= c;
		dst[i] = (char) c;
	}
	if (high & 0x80)
		*ascii = false;
	return i;
}

#endif							/* NEON_JSON_PLAIN_H */
