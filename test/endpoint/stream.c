/*-------------------------------------------------------------------------
 *
 * stream.c
 *		A stream of HTTP/2: one request, and the thread that works on it.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void
set_event(int fd)
{
	uint64_t	one = 1;

	if (write(fd, &one, sizeof(one)) < 0)
		return;					/* it is set already */
}

Stream *
stream_new(Workshop *workshop, int32_t id)
{
	Stream	   *stream = must_alloc(sizeof(Stream));

	stream->id = id;
	stream->workshop = workshop;
	stream->gone_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return stream;
}

void
stream_add_header(Stream *stream, const char *name, const char *value)
{
	StreamHeader *header;

	stream->headers = realloc(stream->headers,
							  sizeof(StreamHeader) * (stream->nheaders + 1));
	if (stream->headers == NULL)
		abort();
	header = &stream->headers[stream->nheaders++];
	header->name = must_strdup(name);
	header->value = must_strdup(value);
}

static const char *
lookup_header(void *arg, const char *name)
{
	Stream	   *stream = arg;

	for (int i = 0; i < stream->nheaders; i++)
	{
		if (strcasecmp(stream->headers[i].name, name) == 0)
			return stream->headers[i].value;
	}
	return strcmp(name, "Host") == 0 ?
		lookup_header(stream, ":authority") : NULL;
}

/* Cuts a query string off. */
static const char *
path_of(Stream *stream)
{
	for (int i = 0; i < stream->nheaders; i++)
	{
		char	   *value = stream->headers[i].value;

		if (strcmp(stream->headers[i].name, ":path") != 0)
			continue;
		value[strcspn(value, "?")] = '\0';
		return value;
	}
	return "";
}

void
stream_open(Stream *stream, const HttpOptions *options,
			unsigned long connection)
{
	const char *method = lookup_header(stream, ":method");
	RequestSource source = {
		.version = "2",
		.connection = connection,
		.method = method ? method : "",
		.path = path_of(stream),
		.client = {.fd = stream->gone_fd,.events = POLLIN},
		.lookup = lookup_header,
		.lookup_arg = stream
	};

	stream->request = request_new(options, &source);
	stream->early = request_is_early(stream->request);
}

static void *
worker_main(void *arg)
{
	Stream	   *stream = arg;
	Workshop   *workshop = stream->workshop;

	request_run(stream->request, &stream->reply);
	pthread_mutex_lock(&workshop->lock);
	stream->working = false;
	stream->done = true;
	workshop->workers--;
	set_event(workshop->wake_fd);
	pthread_cond_signal(&workshop->ended);
	pthread_mutex_unlock(&workshop->lock);
	return NULL;
}

void
stream_work(Stream *stream)
{
	pthread_t	thread;

	pthread_mutex_lock(&stream->workshop->lock);
	stream->working = true;
	stream->workshop->workers++;
	pthread_mutex_unlock(&stream->workshop->lock);
	if (pthread_create(&thread, NULL, worker_main, stream) != 0)
	{
		perror("neon_endpoint: pthread_create");
		abort();
	}
	pthread_detach(thread);
}

void
stream_abandon(Stream *stream)
{
	set_event(stream->gone_fd);
}

void
stream_free(Stream *stream)
{
	if (stream->request != NULL)
		request_free(stream->request);
	reply_free(&stream->reply);
	for (int i = 0; i < stream->nheaders; i++)
	{
		free(stream->headers[i].name);
		free(stream->headers[i].value);
	}
	free(stream->headers);
	close(stream->gone_fd);
	free(stream);
}
