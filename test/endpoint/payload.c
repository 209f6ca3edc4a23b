/*-------------------------------------------------------------------------
 *
 * payload.c
 *		The JSON body of a request: statements and their parameters.
 *
 * Parameters become PostgreSQL's text form: strings as they are, booleans,
 * numbers and objects as their JSON text, arrays as array literals.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "payload.h"

#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/ascii_json.h"

/* As deep as the hosted endpoint's parser goes. */
#define MAX_DEPTH 128

#define JSON_TEXT (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

/*
 * json-c's strict mode still takes things that are no JSON: control
 * characters in strings, NaN and Infinity.  This pass refuses them.
 */
static bool
looks_strict(const char *body, size_t len)
{
	bool		in_string = false;

	for (size_t i = 0; i < len; i++)
	{
		unsigned char c = body[i];

		if (in_string)
		{
			if (c < 0x20)
				return false;
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		}
		else if (c == '"')
			in_string = true;
		else if (c == 'N' || c == 'I' || c == '/' || c == '\'' || c == '\0')
			return false;
	}
	return true;
}

/* Into *root; what is wrong with it, NULL if it is JSON. */
static const char *
parse_strictly(const char *body, size_t len, struct json_object **root)
{
	struct json_tokener *tokener;
	enum json_tokener_error code;
	size_t		end;

	if (len > INT_MAX || !looks_strict(body, len))
		return json_tokener_error_desc(json_tokener_error_parse_unexpected);
	tokener = json_tokener_new_ex(MAX_DEPTH);
	if (tokener == NULL)
		abort();
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	*root = json_tokener_parse_ex(tokener, body, (int) len);
	code = json_tokener_get_error(tokener);
	end = json_tokener_get_parse_end(tokener);
	json_tokener_free(tokener);
	while (end < len && strchr(" \t\r\n", body[end]))
		end++;
	if (code == json_tokener_success && end == len)
		return NULL;
	json_object_put(*root);
	*root = NULL;
	if (code == json_tokener_success)
		code = json_tokener_error_parse_unexpected;
	return code == json_tokener_continue ? "EOF while parsing a value" :
		json_tokener_error_desc(code);
}

static struct json_object *
parse_json(const char *body, size_t len, Outcome *outcome)
{
	size_t		ascii_len = 0;
	char	   *ascii = ascii_json(body, len, &ascii_len);
	struct json_object *root = NULL;
	const char *problem = "invalid utf-8 string";

	if (ascii != NULL)
		problem = parse_strictly(ascii, ascii_len, &root);
	if (problem != NULL)
		error_plain(outcome, 400,
					"could not parse the HTTP request body: %s", problem);
	free(ascii);
	return root;
}

/* An element of an array literal; strings keep their JSON escapes. */
static void
append_element(Buffer *buffer, struct json_object *value)
{
	const char *text;

	switch (json_object_get_type(value))
	{
		case json_type_null:
			buffer_append_str(buffer, "NULL");
			break;
		case json_type_array:
			buffer_append_char(buffer, '{');
			for (size_t i = 0; i < json_object_array_length(value); i++)
			{
				if (i > 0)
					buffer_append_char(buffer, ',');
				append_element(buffer, json_object_array_get_idx(value, i));
			}
			buffer_append_char(buffer, '}');
			break;
		case json_type_object:
			text = json_object_to_json_string_ext(value, JSON_TEXT);
			buffer_append_json_str(buffer, text);
			break;
		default:
			text = json_object_to_json_string_ext(value, JSON_TEXT);
			buffer_append_str(buffer, text);
			break;
	}
}

static const char *
parameter_text(Payload *payload, Query *query, struct json_object *value)
{
	Buffer		buffer = {0};
	const char *text;

	switch (json_object_get_type(value))
	{
		case json_type_null:
			return NULL;
		case json_type_string:
			text = json_object_get_string(value);
			if (memchr(text, '\0', json_object_get_string_len(value)))
				query->nul_in_params = true;
			return text;
		case json_type_array:
			append_element(&buffer, value);
			text = buffer_terminate(&buffer);
			payload->owned = realloc(payload->owned, sizeof(char *) *
									 (payload->nowned + 1));
			if (payload->owned == NULL)
				abort();
			payload->owned[payload->nowned++] = buffer.data;
			return text;
		default:
			return json_object_to_json_string_ext(value, JSON_TEXT);
	}
}

/* One {"query", "params", "arrayMode"}; false if it is not one. */
static bool
parse_query(Payload *payload, Query *query, struct json_object *value)
{
	struct json_object *member;

	if (!json_object_is_type(value, json_type_object) ||
		!json_object_object_get_ex(value, "query", &member) ||
		!json_object_is_type(member, json_type_string))
		return false;
	query->sql = json_object_get_string(member);
	query->nul_in_sql = memchr(query->sql, '\0',
							   json_object_get_string_len(member)) != NULL;

	query->array_mode = -1;
	if (json_object_object_get_ex(value, "arrayMode", &member) &&
		member != NULL)
	{
		if (!json_object_is_type(member, json_type_boolean))
			return false;
		query->array_mode = json_object_get_boolean(member);
	}

	if (!json_object_object_get_ex(value, "params", &member))
		return true;
	if (!json_object_is_type(member, json_type_array))
		return false;
	query->nparams = (int) json_object_array_length(member);
	query->params = must_alloc(sizeof(char *) * query->nparams);
	for (int i = 0; i < query->nparams; i++)
		query->params[i] =
			parameter_text(payload, query,
						   json_object_array_get_idx(member, i));
	return true;
}

/* A single statement is tried first, as the hosted endpoint does. */
static bool
parse_payload(Payload *payload)
{
	struct json_object *member;

	payload->queries = must_alloc(sizeof(Query));
	payload->nqueries = 1;
	if (parse_query(payload, payload->queries, payload->root))
		return true;

	free(payload->queries[0].params);
	free(payload->queries);
	payload->queries = NULL;
	payload->nqueries = 0;
	if (!json_object_is_type(payload->root, json_type_object) ||
		!json_object_object_get_ex(payload->root, "queries", &member) ||
		!json_object_is_type(member, json_type_array))
		return false;
	payload->batch = true;
	payload->nqueries = (int) json_object_array_length(member);
	payload->queries = must_alloc(sizeof(Query) * payload->nqueries);
	for (int i = 0; i < payload->nqueries; i++)
	{
		if (!parse_query(payload, &payload->queries[i],
						 json_object_array_get_idx(member, i)))
			return false;
	}
	return true;
}

bool
payload_parse(Payload *payload, const char *body, size_t len, bool *is_json,
			  Outcome *outcome)
{
	payload->root = parse_json(body, len, outcome);
	*is_json = outcome->status == 0;
	if (!*is_json)
		return false;
	if (parse_payload(payload))
		return true;
	error_plain(outcome, 400, "could not parse the HTTP request body: data "
				"did not match any variant of untagged enum Payload");
	return false;
}

void
payload_free(Payload *payload)
{
	for (int i = 0; i < payload->nqueries; i++)
		free(payload->queries[i].params);
	free(payload->queries);
	for (size_t i = 0; i < payload->nowned; i++)
		free(payload->owned[i]);
	free(payload->owned);
	json_object_put(payload->root);
	memset(payload, 0, sizeof(*payload));
}
