/*-------------------------------------------------------------------------
 *
 * oracle.c
 *		What json-c makes of a reply, in the words of transcribe().
 *
 * json-c is less strict than the decoder, so it says what a reply means, not
 * whether it is good: whatever the decoder accepts must be here too, and the
 * same.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres_fe.h"

#include <json-c/json.h>

#include "../lib/ascii_json.h"
#include "harness.h"

typedef struct json_object Json;

static bool
write_row(StringInfo out, Json *row)
{
	if (!json_object_is_type(row, json_type_array))
		return false;
	appendStringInfoString(out, "row");
	for (size_t i = 0; i < json_object_array_length(row); i++)
	{
		Json	   *value = json_object_array_get_idx(row, i);

		if (value == NULL)
			appendStringInfoString(out, " null");
		else if (json_object_is_type(value, json_type_string))
			appendStringInfo(out, " '%s'", json_object_get_string(value));
		else
			return false;
	}
	appendStringInfoChar(out, '\n');
	return true;
}

static bool
write_result(StringInfo out, Json *result)
{
	Json	   *rows;
	Json	   *command;
	Json	   *fields;
	Json	   *count;

	if (!json_object_is_type(result, json_type_object) ||
		!json_object_object_get_ex(result, "rows", &rows) ||
		!json_object_is_type(rows, json_type_array) ||
		!json_object_object_get_ex(result, "command", &command) ||
		!json_object_is_type(command, json_type_string))
		return false;

	for (size_t i = 0; i < json_object_array_length(rows); i++)
	{
		if (!write_row(out, json_object_array_get_idx(rows, i)))
			return false;
	}
	appendStringInfo(out, "end '%s' ", json_object_get_string(command));
	if (json_object_object_get_ex(result, "rowCount", &count) &&
		count != NULL)
		appendStringInfo(out, "%lld ", (long long) json_object_get_int64(count));
	else
		appendStringInfoString(out, "-1 ");
	if (json_object_object_get_ex(result, "fields", &fields))
		appendStringInfoString(out, json_object_to_json_string(fields));
	else
		appendStringInfoString(out, "none");
	appendStringInfoChar(out, '\n');
	return true;
}

static bool
write_reply(StringInfo out, Json *reply)
{
	Json	   *results;

	if (!json_object_is_type(reply, json_type_object) ||
		!json_object_object_get_ex(reply, "results", &results) ||
		!json_object_is_type(results, json_type_array))
		return false;
	for (size_t i = 0; i < json_object_array_length(results); i++)
	{
		if (!write_result(out, json_object_array_get_idx(results, i)))
			return false;
	}
	appendStringInfoString(out, "complete\n");
	return true;
}

bool
oracle(StringInfo out, const char *reply, size_t len)
{
	struct json_tokener *tokener;
	size_t		ascii_len = 0;
	char	   *ascii = ascii_json(reply, len, &ascii_len);
	Json	   *parsed;
	bool		good = false;

	if (ascii == NULL)
		return false;
	tokener = json_tokener_new_ex(64);
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	parsed = json_tokener_parse_ex(tokener, ascii, (int) ascii_len);
	if (json_tokener_get_error(tokener) == json_tokener_success)
		good = write_reply(out, parsed);
	json_object_put(parsed);
	json_tokener_free(tokener);
	free(ascii);
	return good;
}
