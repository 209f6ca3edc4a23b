/*-------------------------------------------------------------------------
 *
 * value.c
 *		PostgreSQL's text form of a value to JSON.
 *
 * Built-in types are known by their OID.  An array's lower bounds are lost,
 * its elements are separated by commas (so box[] comes out wrong), and an
 * empty array has one element of no characters: all as with the hosted
 * endpoint.  Numbers that are no JSON number (NaN, infinities) are strings.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "value.h"

#include <ctype.h>
#include <string.h>

#define BOOLOID		16
#define INT2OID		21
#define INT4OID		23
#define TEXTOID		VALUE_STRING
#define JSONOID		114
#define FLOAT4OID	700
#define FLOAT8OID	701
#define JSONBOID	3802

/* Built-in array types whose elements are strings, in ascending order. */
static const Oid string_arrays[] = {
	30, 143, 210, 270, 271, 272, 273, 629, 651, 719, 775, 791, 1001, 1002,
	1003, 1006, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015, 1016, 1017,
	1018, 1019, 1020, 1027, 1028, 1034, 1040, 1041, 1115, 1182, 1183, 1185,
	1187, 1231, 1263, 1270, 1561, 1563, 2201, 2207, 2208, 2209, 2210, 2211,
	2287, 2949, 2951, 3221, 3643, 3644, 3645, 3735, 3770, 3905, 3907, 3909,
	3911, 3913, 3927, 4073, 4090, 4097, 4192, 5039, 6150, 6151, 6152, 6153,
	6155, 6157
};

Oid
value_element(Oid type)
{
	switch (type)
	{
		case 22:				/* int2vector, which has no braces */
		case 1005:
			return INT2OID;
		case 199:
			return JSONOID;
		case 1000:
			return BOOLOID;
		case 1007:
			return INT4OID;
		case 1021:
			return FLOAT4OID;
		case 1022:
			return FLOAT8OID;
		case 3807:
			return JSONBOID;
	}
	for (size_t i = 0; i < sizeof(string_arrays) / sizeof(Oid); i++)
	{
		if (string_arrays[i] == type)
			return TEXTOID;
	}
	return 0;
}

/* PostgreSQL prints finite numbers as JSON does.  False if it is none. */
static bool
append_number(Buffer *buffer, const char *text, size_t len, bool is_float)
{
	if (len > 0 && isdigit((unsigned char) text[len - 1]))
	{
		buffer_append(buffer, text, len);
		return true;
	}
	return is_float && len > 0 && buffer_append_json(buffer, text, len);
}

static const char *
skip_space(const char *p, const char *end)
{
	while (p < end && isspace((unsigned char) *p))
		p++;
	return p;
}

/* A quoted element; p is behind the opening quote.  NULL if unbalanced. */
static const char *
append_quoted(Buffer *buffer, const char *p, const char *end, Oid type,
			  Buffer *scratch)
{
	scratch->len = 0;
	while (p < end && *p != '"')
	{
		if (*p == '\\' && ++p == end)
			return NULL;
		buffer_append_char(scratch, *p++);
	}
	if (p == end || !value_append(buffer, scratch->data ? scratch->data : "",
								  scratch->len, type, InvalidOid))
		return NULL;
	return p + 1;
}

static const char *
append_unquoted(Buffer *buffer, const char *p, const char *end, Oid type)
{
	const char *start = p;
	size_t		len;

	while (p < end && *p != ',' && *p != '}')
		p++;
	len = p - start;
	while (len > 0 && isspace((unsigned char) start[len - 1]))
		len--;
	if (len == 4 && memcmp(start, "NULL", 4) == 0)
		buffer_append_str(buffer, "null");
	else if (!value_append(buffer, start, len, type, InvalidOid))
		return NULL;
	return p;
}

/* One level of an array; p is at its brace.  Returns what follows it. */
static const char *
append_level(Buffer *buffer, const char *p, const char *end, Oid type,
			 Buffer *scratch)
{
	if (p == end || *p != '{')
		return NULL;
	buffer_append_char(buffer, '[');
	for (;;)
	{
		p = skip_space(p + 1, end);
		if (p < end && *p == '{')
			p = append_level(buffer, p, end, type, scratch);
		else if (p < end && *p == '"')
			p = append_quoted(buffer, p + 1, end, type, scratch);
		else
			p = append_unquoted(buffer, p, end, type);
		if (p == NULL)
			return NULL;
		p = skip_space(p, end);
		if (p == end || *p != ',')
			break;
		buffer_append_char(buffer, ',');
	}
	if (p == end || *p != '}')
		return NULL;
	buffer_append_char(buffer, ']');
	return skip_space(p + 1, end);
}

static bool
append_array(Buffer *buffer, const char *text, size_t len, Oid type)
{
	const char *end = text + len;
	const char *p = text;
	Buffer		scratch = {0};

	/* bounds have no place in JSON */
	if (p < end && *p == '[')
	{
		p = memchr(p, '=', end - p);
		if (p == NULL)
			return false;
		p++;
	}
	p = append_level(buffer, skip_space(p, end), end, type, &scratch);
	buffer_free(&scratch);
	return p == end;
}

bool
value_append(Buffer *buffer, const char *text, size_t len, Oid type,
			 Oid element)
{
	if (element != InvalidOid)
		return append_array(buffer, text, len, element);
	switch (type)
	{
		case TEXTOID:
			return buffer_append_json(buffer, text, len);
		case BOOLOID:
			buffer_append_str(buffer, len == 1 && *text == 't' ?
							  "true" : "false");
			return true;
		case INT2OID:
		case INT4OID:
			return append_number(buffer, text, len, false);
		case FLOAT4OID:
		case FLOAT8OID:
			return append_number(buffer, text, len, true);
		case JSONOID:
		case JSONBOID:
			buffer_append(buffer, text, len);
			return true;
	}
	return buffer_append_json(buffer, text, len);
}
