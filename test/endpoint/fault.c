/*-------------------------------------------------------------------------
 *
 * fault.c
 *		Faults on demand, so that tests see what real networks do.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "fault.h"

#include <json-c/json.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *fault_path;

/* The control file as last read; it is armed anew when any of this changes */
static pthread_mutex_t fault_lock = PTHREAD_MUTEX_INITIALIZER;
static struct stat seen;
static struct json_object *control;
static long skipped;
static long remaining;
static long percent;

void
fault_init(const char *path)
{
	fault_path = path;
}

static long
get_long(struct json_object *object, const char *key, long otherwise)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value))
		return otherwise;
	return (long) json_object_get_int64(value);
}

static const char *
get_text(struct json_object *object, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value))
		return NULL;
	return json_object_get_string(value);
}

/* Looks whether the file is another than last time; the lock is held. */
static void
refresh(void)
{
	struct stat now;

	if (stat(fault_path, &now) != 0)
	{
		json_object_put(control);
		control = NULL;
		memset(&seen, 0, sizeof(seen));
		return;
	}
	if (now.st_dev == seen.st_dev && now.st_ino == seen.st_ino &&
		now.st_size == seen.st_size &&
		now.st_mtim.tv_sec == seen.st_mtim.tv_sec &&
		now.st_mtim.tv_nsec == seen.st_mtim.tv_nsec)
		return;

	seen = now;
	json_object_put(control);
	control = NULL;
	if (now.st_size == 0)
		return;
	control = json_object_from_file(fault_path);
	if (!json_object_is_type(control, json_type_object))
	{
		fprintf(stderr, "neon_endpoint: \"%s\" is not a JSON object\n",
				fault_path);
		json_object_put(control);
		control = NULL;
		return;
	}
	skipped = get_long(control, "skip", 0);
	remaining = get_long(control, "count", 1);
	percent = get_long(control, "percent", 100);
}

/* A copy of the control object's meaning for one request. */
static void
interpret(Fault *fault)
{
	const char *drop = get_text(control, "drop");
	const char *refuse = get_text(control, "refuse");
	struct json_object *json;

	fault->truncate = get_long(control, "truncate", -1);
	fault->delay_ms = get_long(control, "delay_body_ms", 0);
	fault->after_bytes = get_long(control, "after_bytes", 0);
	fault->status = (int) get_long(control, "status", 0);
	if (refuse != NULL)
	{
		fault->refusal = refusal_find(refuse);
		if (fault->refusal != NULL)
			fault->kind = FAULT_REFUSE;
		else
			fprintf(stderr, "neon_endpoint: no refusal \"%s\"\n", refuse);
	}
	else if (drop != NULL)
		fault->kind = strcmp(drop, "after") == 0 ?
			FAULT_DROP_AFTER : FAULT_DROP_BEFORE;
	else if (fault->status != 0)
	{
		const char *body = get_text(control, "body");

		fault->kind = FAULT_REPLY;
		if (json_object_object_get_ex(control, "json", &json))
		{
			fault->is_json = true;
			body = json_object_to_json_string_ext(json,
												  JSON_C_TO_STRING_PLAIN);
		}
		buffer_append_str(&fault->body, body ? body : "");
		if (json_object_object_get_ex(control, "headers", &json) &&
			json_object_is_type(json, json_type_object))
			fault->headers = json_object_get(json);
	}
	else if (fault->truncate >= 0 || fault->delay_ms > 0)
		fault->kind = FAULT_BODY;
}

void
fault_next(Fault *fault)
{
	memset(fault, 0, sizeof(*fault));
	fault->truncate = -1;
	if (fault_path == NULL)
		return;
	pthread_mutex_lock(&fault_lock);
	refresh();
	if (control != NULL && skipped > 0)
		skipped--;
	else if (control != NULL && remaining > 0 && random() % 100 < percent)
	{
		remaining--;
		interpret(fault);
	}
	pthread_mutex_unlock(&fault_lock);
}

void
fault_free(Fault *fault)
{
	buffer_free(&fault->body);
	if (fault->headers != NULL)
	{
		/* shared with the control object, whose count is not atomic */
		pthread_mutex_lock(&fault_lock);
		json_object_put(fault->headers);
		pthread_mutex_unlock(&fault_lock);
		fault->headers = NULL;
	}
}

const char *
fault_name(const Fault *fault)
{
	switch (fault->kind)
	{
		case FAULT_REPLY:
			return "reply";
		case FAULT_REFUSE:
			return "refuse";
		case FAULT_DROP_BEFORE:
			return "drop before";
		case FAULT_DROP_AFTER:
			return "drop after";
		case FAULT_BODY:
			return fault->truncate >= 0 ? "truncate" : "delay";
		case FAULT_NONE:
			break;
	}
	return NULL;
}
