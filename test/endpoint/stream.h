/*-------------------------------------------------------------------------
 *
 * stream.h
 *		A stream of HTTP/2: one request, and the thread that works on it.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENDPOINT_STREAM_H
#define ENDPOINT_STREAM_H

#include <pthread.h>
#include <stdint.h>

#include "request.h"

/* What the threads of a connection's streams have in common. */
typedef struct Workshop
{
	pthread_mutex_t lock;
	pthread_cond_t ended;
	int			workers;		/* threads that run */
	int			wake_fd;		/* an eventfd: a reply is there */
} Workshop;

typedef struct StreamHeader
{
	char	   *name;
	char	   *value;
} StreamHeader;

typedef struct Stream
{
	int32_t		id;
	Workshop   *workshop;
	StreamHeader *headers;
	int			nheaders;
	Request    *request;		/* NULL until the headers are complete */
	int			gone_fd;		/* an eventfd: the client has left */

	bool		early;			/* the body is of no interest */
	bool		uploaded;		/* the client has sent all */
	bool		working;		/* its thread runs; under the lock */
	bool		done;			/* there is a reply; under the lock */
	bool		submitted;		/* the reply is libnghttp2's */
	bool		closed;

	Reply		reply;
	size_t		sent;			/* bytes of its body */
	long		resume_at;		/* the pause ends, 0: there is none */
	long		reset_at;		/* the upload is ended, 0: it is not */
	struct Stream *next;
} Stream;

extern Stream *stream_new(Workshop *workshop, int32_t id);
extern void stream_add_header(Stream *stream, const char *name,
							  const char *value);

/* The headers are complete: makes the request. */
extern void stream_open(Stream *stream, const HttpOptions *options,
						unsigned long connection);

/* The request is complete, or as good as that: its thread starts. */
extern void stream_work(Stream *stream);

/* The client has left; what runs for it is cancelled. */
extern void stream_abandon(Stream *stream);

/* Only when its thread has ended. */
extern void stream_free(Stream *stream);

#endif							/* ENDPOINT_STREAM_H */
