/*-------------------------------------------------------------------------
 *
 * reply.c
 *		A reply, in any version of HTTP.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "reply.h"

#include <ctype.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

void
reply_header(Reply *reply, const char *name, const char *value)
{
	ReplyHeader *header;

	if (reply->nheaders == MAX_REPLY_HEADERS)
		return;
	header = &reply->headers[reply->nheaders++];
	header->name = must_strdup(name);
	for (char *p = header->name; *p; p++)
		*p = (char) tolower((unsigned char) *p);
	header->value = must_strdup(value);
}

void
reply_fault_headers(Reply *reply, const Fault *fault)
{
	if (fault->headers == NULL)
		return;
	json_object_object_foreach(fault->headers, key, value)
		reply_header(reply, key, json_object_get_string(value));
}

void
reply_free(Reply *reply)
{
	for (int i = 0; i < reply->nheaders; i++)
	{
		free(reply->headers[i].name);
		free(reply->headers[i].value);
	}
	buffer_free(&reply->body);
	memset(reply, 0, sizeof(*reply));
}

bool
reply_is_cut(const Reply *reply, size_t sent)
{
	return reply->truncate >= 0 && sent >= (size_t) reply->truncate;
}

bool
reply_pauses(const Reply *reply, size_t sent)
{
	return reply->delay_ms > 0 && sent >= reply->after_bytes;
}

size_t
reply_available(const Reply *reply, size_t sent)
{
	size_t		end = reply->body.len;

	if (reply->truncate >= 0 && (size_t) reply->truncate < end)
		end = reply->truncate;
	if (reply->delay_ms > 0 && reply->after_bytes < end)
		end = reply->after_bytes;
	return end > sent ? end - sent : 0;
}
