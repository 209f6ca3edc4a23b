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

#include "json_check.h"

/* As deep as the hosted endpoint's parser goes. */
#define MAX_DEPTH 128

#define JSON_TEXT (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

/* NULL, and the reply in the outcome, if it is not JSON. */
static struct json_object *
parse_json(const char *body, size_t len, Outcome *outcome)
{
	Buffer		problem = {0};
	struct json_tokener *tokener;
	struct json_object *root = NULL;

	if (!json_check(body, len, &problem))
	{
		error_plain(outcome, 400,
					"could not parse the HTTP request body: %s",
					buffer_terminate(&problem));
		buffer_free(&problem);
		return NULL;
	}
	tokener = json_tokener_new_ex(MAX_DEPTH);
	if (tokener == NULL || len > INT_MAX)
		abort();
	root = json_tokener_parse_ex(tokener, body, (int) len);

	/* only a number on its own could go on: its end is told by a NUL */
	if (json_tokener_get_error(tokener) == json_tokener_continue)
		root = json_tokener_parse_ex(tokener, "", 1);
	json_tokener_free(tokener);
	return root;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* As text, the members of objects in the order of their names. */
static void
append_sorted(Buffer *buffer, struct json_object *value)
{
	const char **names;
	size_t		count = 0;

	if (json_object_is_type(value, json_type_array))
	{
		for (size_t i = 0; i < json_object_array_length(value); i++)
		{
			buffer_append_char(buffer, i > 0 ? ',' : '[');
			append_sorted(buffer, json_object_array_get_idx(value, i));
		}
		buffer_append_str(buffer, json_object_array_length(value) > 0 ?
						  "]" : "[]");
		return;
	}
	if (!json_object_is_type(value, json_type_object))
	{
		buffer_append_str(buffer,
						  json_object_to_json_string_ext(value, JSON_TEXT));
		return;
	}
	names = must_alloc(sizeof(char *) * json_object_object_length(value));
	json_object_object_foreach(value, key, member)
	{
		(void) member;
		names[count++] = key;
	}
	qsort(names, count, sizeof(char *), compare_names);
	buffer_append_char(buffer, '{');
	for (size_t i = 0; i < count; i++)
	{
		if (i > 0)
			buffer_append_char(buffer, ',');
		buffer_append_json_str(buffer, names[i]);
		buffer_append_char(buffer, ':');
		append_sorted(buffer, json_object_object_get(value, names[i]));
	}
	buffer_append_char(buffer, '}');
	free(names);
}

/* An element of an array literal; strings keep their JSON escapes. */
static void
append_element(Buffer *buffer, struct json_object *value)
{
	Buffer		object = {0};
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
			append_sorted(&object, value);
			buffer_append_json(buffer, object.data, object.len);
			buffer_free(&object);
			break;
		default:
			text = json_object_to_json_string_ext(value, JSON_TEXT);
			buffer_append_str(buffer, text);
			break;
	}
}

/* Takes the buffer's text, which is freed with the payload. */
static const char *
keep_text(Payload *payload, Buffer *buffer)
{
	const char *text = buffer_terminate(buffer);

	payload->owned = realloc(payload->owned, sizeof(char *) *
							 (payload->nowned + 1));
	if (payload->owned == NULL)
		abort();
	payload->owned[payload->nowned++] = buffer->data;
	return text;
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
			return keep_text(payload, &buffer);
		case json_type_object:
			append_sorted(&buffer, value);
			return keep_text(payload, &buffer);
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
