/*-------------------------------------------------------------------------
 *
 * log.c
 *		The request log: one JSON object per line.
 *
 * A line is one write() to a file opened for appending, so lines of several
 * threads never mix and a test may truncate the file at any time.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int	log_fd = -1;

void
log_open(const char *path)
{
	if (path == NULL)
		return;
	log_fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (log_fd < 0)
	{
		fprintf(stderr, "neon_endpoint: could not open \"%s\": %s\n",
				path, strerror(errno));
		exit(1);
	}
}

static void
append_time(Buffer *line)
{
	struct timespec now;
	struct tm	tm;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	buffer_printf(line, "{\"time\":\"%04d-%02d-%02dT%02d:%02d:%02d.%06ldZ\"",
				  tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
				  tm.tm_min, tm.tm_sec, now.tv_nsec / 1000);
}

static void
append_text(Buffer *line, const char *key, const char *value)
{
	buffer_printf(line, ",\"%s\":", key);
	buffer_append_json_str(line, value);
}

static void
append_bool(Buffer *line, const char *key, bool value)
{
	buffer_printf(line, ",\"%s\":%s", key, value ? "true" : "false");
}

/*
 * The body as it is if that is JSON.  Line breaks in it can only stand
 * between tokens, where a space means the same.
 */
static void
append_body(Buffer *line, const LogEntry *entry)
{
	size_t		start;

	buffer_append_str(line, ",\"body\":");
	if (!entry->body_is_json)
	{
		if (entry->body_len == 0)
			buffer_append_str(line, "null");
		else
			buffer_append_json(line, entry->body, entry->body_len);
		return;
	}
	start = line->len;
	buffer_append(line, entry->body, entry->body_len);
	for (size_t i = start; i < line->len; i++)
	{
		if (line->data[i] == '\n' || line->data[i] == '\r')
			line->data[i] = ' ';
	}
}

void
log_request(const LogEntry *entry)
{
	const Headers *headers = entry->headers;
	Buffer		line = {0};

	if (log_fd < 0)
		return;
	append_time(&line);
	append_text(&line, "id", entry->id);
	append_text(&line, "http", entry->http);
	buffer_printf(&line, ",\"conn\":%lu", entry->connection);
	append_text(&line, "method", entry->method);
	append_text(&line, "path", entry->path);
	buffer_printf(&line, ",\"status\":%d,\"duration_ms\":%.3f,"
				  "\"bytes_in\":%zu,\"bytes_out\":%zu",
				  entry->status, entry->duration_ms, entry->bytes_in,
				  entry->bytes_out);
	append_text(&line, "user", headers->target.user);
	append_text(&line, "dbname", headers->target.dbname);
	append_text(&line, "host", headers->target.host);
	append_text(&line, "options", headers->target.options);
	append_text(&line, "http_host", headers->http_host);
	append_bool(&line, "by_token", headers->target.by_token);
	append_text(&line, "subject", entry->subject);
	append_bool(&line, "raw_text", headers->raw_text);
	append_bool(&line, "array_mode", headers->array_mode);
	append_bool(&line, "pool", headers->pool);
	append_bool(&line, "backend_reused", entry->backend_reused);
	append_text(&line, "isolation", headers->isolation);
	append_bool(&line, "read_only", headers->read_only);
	append_bool(&line, "deferrable", headers->deferrable);
	append_bool(&line, "cancelled", entry->cancelled);
	append_text(&line, "fault", entry->fault);
	append_body(&line, entry);
	buffer_append_str(&line, "}\n");
	if (write(log_fd, line.data, line.len) != (ssize_t) line.len)
		perror("neon_endpoint: could not write the request log");
	buffer_free(&line);
}
