/*-------------------------------------------------------------------------
 *
 * http2.c
 *		HTTP/2, by libnghttp2.
 *
 * One thread reads and writes for all streams of a connection; each request
 * has another one that works on it (see stream.c).  A stream that the client
 * resets, and all streams of a connection that it closes, are abandoned.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "http2.h"

#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "stream.h"

/* The hosted endpoint's (those of its HTTP library). */
#define MAX_STREAMS 200
#define WINDOW_SIZE (1024 * 1024)

/* Bytes that are encrypted together. */
#define OUT_SIZE 65536
#define IN_SIZE 16384

/* Milliseconds from an early reply to the reset of its stream. */
#define RESET_DELAY 50

/* Reads in a row, before something is written again. */
#define MAX_READS 64

typedef struct Connection
{
	const HttpOptions *options;
	Tls		   *tls;
	unsigned long number;
	nghttp2_session *session;
	Workshop	workshop;
	Stream	   *streams;
	Buffer		out;
	size_t		written;		/* of out */
	bool		ended;			/* a stream, which is to be forgotten */
	bool		dropped;		/* by a fault */
} Connection;

static int
begin_headers(nghttp2_session *session, const nghttp2_frame *frame,
			  void *arg)
{
	Connection *connection = arg;
	Stream	   *stream;

	if (frame->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	stream = stream_new(&connection->workshop, frame->hd.stream_id);
	stream->next = connection->streams;
	connection->streams = stream;
	nghttp2_session_set_stream_user_data(session, stream->id, stream);
	return 0;
}

static int
take_header(nghttp2_session *session, const nghttp2_frame *frame,
			const uint8_t *name, size_t name_len, const uint8_t *value,
			size_t value_len, uint8_t flags, void *arg)
{
	Stream	   *stream = nghttp2_session_get_stream_user_data(session,
															  frame->hd.stream_id);

	(void) name_len;
	(void) value_len;
	(void) flags;
	(void) arg;
	if (stream != NULL && stream->request == NULL)
		stream_add_header(stream, (const char *) name, (const char *) value);
	return 0;
}

static int
take_data(nghttp2_session *session, uint8_t flags, int32_t id,
		  const uint8_t *data, size_t len, void *arg)
{
	Stream	   *stream = nghttp2_session_get_stream_user_data(session, id);

	(void) flags;
	(void) arg;
	if (stream != NULL && !stream->early)
		request_add_body(stream->request, (const char *) data, len);
	return 0;
}

static int
take_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	Connection *connection = arg;
	Stream	   *stream;
	bool		begins = false;

	if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
		return 0;
	stream = nghttp2_session_get_stream_user_data(session,
												  frame->hd.stream_id);
	if (stream == NULL)
		return 0;
	if (stream->request == NULL)
	{
		begins = true;
		stream_open(stream, connection->options, connection->number);
	}
	if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM)
		stream->uploaded = true;
	if (stream->early ? begins : stream->uploaded)
		stream_work(stream);
	return 0;
}

/*
 * A reply that came before the whole request puts an end to it, but a client
 * that reads both at once may take this for a failure.
 */
static int
frame_sent(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	Stream	   *stream;

	(void) arg;
	if (frame->hd.type != NGHTTP2_DATA ||
		!(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
		return 0;
	stream = nghttp2_session_get_stream_user_data(session,
												  frame->hd.stream_id);
	if (stream != NULL && !stream->uploaded)
		stream->reset_at = client_now_ms() + RESET_DELAY;
	return 0;
}

static int
stream_closed(nghttp2_session *session, int32_t id, uint32_t error_code,
			  void *arg)
{
	Connection *connection = arg;
	Stream	   *stream = nghttp2_session_get_stream_user_data(session, id);

	(void) error_code;
	if (stream != NULL)
	{
		connection->ended = true;
		stream->closed = true;
		stream_abandon(stream);
	}
	return 0;
}

static ssize_t
read_reply(nghttp2_session *session, int32_t id, uint8_t *out, size_t size,
		   uint32_t *flags, nghttp2_data_source *source, void *arg)
{
	Stream	   *stream = source->ptr;
	Reply	   *reply = &stream->reply;
	size_t		len;

	(void) session;
	(void) id;
	(void) arg;
	if (reply_is_cut(reply, stream->sent))
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	if (reply_pauses(reply, stream->sent))
	{
		stream->resume_at = client_now_ms() + reply->delay_ms;
		return NGHTTP2_ERR_DEFERRED;
	}
	len = reply_available(reply, stream->sent);
	if (len > size)
		len = size;
	if (len > 0)
		memcpy(out, reply->body.data + stream->sent, len);
	stream->sent += len;
	if (stream->sent == reply->body.len)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return len;
}

static nghttp2_nv
make_header(const char *name, const char *value)
{
	nghttp2_nv	header = {
		.name = (uint8_t *) name,
		.value = (uint8_t *) value,
		.namelen = strlen(name),
		.valuelen = strlen(value)
	};

	return header;
}

static void
submit_reply(Connection *connection, Stream *stream)
{
	Reply	   *reply = &stream->reply;
	nghttp2_data_provider body = {
		.source = {.ptr = stream},
		.read_callback = read_reply
	};
	nghttp2_nv	headers[MAX_REPLY_HEADERS + 2];
	char		status[16];
	char		length[32];
	int			n = 0;

	stream->submitted = true;
	snprintf(status, sizeof(status), "%d", reply->status);
	snprintf(length, sizeof(length), "%zu", reply->body.len);
	headers[n++] = make_header(":status", status);
	headers[n++] = make_header("content-length", length);
	for (int i = 0; i < reply->nheaders; i++)
	{
		/* HTTP/2 knows no such thing */
		if (strcmp(reply->headers[i].name, "connection") != 0)
			headers[n++] = make_header(reply->headers[i].name,
									   reply->headers[i].value);
	}
	nghttp2_submit_response(connection->session, stream->id, headers, n,
							&body);
}

/* Submits the replies that are there, and forgets the streams that ended. */
static void
look_after_streams(Connection *connection)
{
	Stream	  **link = &connection->streams;
	Stream	   *stream;

	while ((stream = *link) != NULL)
	{
		bool		working;
		bool		done;

		pthread_mutex_lock(&connection->workshop.lock);
		working = stream->working;
		done = stream->done;
		pthread_mutex_unlock(&connection->workshop.lock);
		if (stream->closed && !working)
		{
			*link = stream->next;
			stream_free(stream);
			continue;
		}
		if (done && !stream->submitted && !stream->closed)
		{
			if (stream->reply.status == 0)
				connection->dropped = true;
			else
				submit_reply(connection, stream);
		}
		link = &stream->next;
	}
}

/* Is it time?  Else *timeout becomes less, if what is to come is sooner. */
static bool
is_due(long *when, long now, long *timeout)
{
	if (*when == 0)
		return false;
	if (*when > now)
	{
		if (*timeout < 0 || *when - now < *timeout)
			*timeout = *when - now;
		return false;
	}
	*when = 0;
	*timeout = 0;				/* what follows has to be written */
	return true;
}

/* Does what is due; milliseconds until there is more to do, -1: nothing. */
static long
look_after_times(Connection *connection)
{
	nghttp2_session *session = connection->session;
	long		now = client_now_ms();
	long		timeout = -1;

	for (Stream *stream = connection->streams; stream; stream = stream->next)
	{
		if (stream->closed)
			continue;
		if (is_due(&stream->resume_at, now, &timeout))
		{
			stream->reply.delay_ms = 0;
			nghttp2_session_resume_data(session, stream->id);
		}
		if (is_due(&stream->reset_at, now, &timeout))
			nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, stream->id,
									  NGHTTP2_NO_ERROR);
	}
	return timeout;
}

/* Writes what there is, as long as the client takes it; false at the end. */
static bool
write_out(Connection *connection)
{
	Buffer	   *out = &connection->out;

	for (;;)
	{
		const uint8_t *data;
		ssize_t		n;

		if (connection->written == out->len)
			connection->written = out->len = 0;
		while (out->len < OUT_SIZE &&
			   (n = nghttp2_session_mem_send(connection->session,
											 &data)) != 0)
		{
			if (n < 0)
				return false;
			buffer_append(out, (const char *) data, n);
		}
		if (connection->written == out->len)
			return true;
		n = tls_write(connection->tls, out->data + connection->written,
					  out->len - connection->written);
		if (n <= 0)
			return n == 0;
		connection->written += n;
	}
}

/* Reads what there is; false at the end.  *more: perhaps not all of it. */
static bool
read_in(Connection *connection, bool *more)
{
	uint8_t		data[IN_SIZE];

	for (int i = 0; i < MAX_READS; i++)
	{
		long		n = tls_read(connection->tls, data, sizeof(data));

		if (n < 0)
			return false;
		*more = n > 0;
		if (n == 0)
			return true;
		if (nghttp2_session_mem_recv(connection->session, data, n) < 0)
			return false;
	}
	return true;
}

static nghttp2_session *
new_session(Connection *connection)
{
	nghttp2_session_callbacks *callbacks;
	nghttp2_session *session;
	nghttp2_settings_entry settings[] = {
		{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, MAX_STREAMS},
		{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW_SIZE},
	};

	if (nghttp2_session_callbacks_new(&callbacks) != 0)
		abort();
	nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks,
															begin_headers);
	nghttp2_session_callbacks_set_on_header_callback(callbacks, take_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks,
															  take_data);
	nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks,
														 take_frame);
	nghttp2_session_callbacks_set_on_frame_send_callback(callbacks,
														 frame_sent);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks,
														   stream_closed);
	if (nghttp2_session_server_new(&session, callbacks, connection) != 0)
		abort();
	nghttp2_session_callbacks_del(callbacks);
	nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings, 2);
	nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0,
										  WINDOW_SIZE);
	return session;
}

/* Until the client, a fault or the server's end closes the connection. */
static void
serve(Connection *connection)
{
	Client		nobody = {.fd = -1};
	bool		more = false;

	for (;;)
	{
		struct pollfd fds[2] = {
			{.fd = connection->tls->fd,.events = POLLIN},
			{.fd = connection->workshop.wake_fd,.events = POLLIN}
		};
		uint64_t	count;
		long		timeout;

		connection->ended = false;
		look_after_streams(connection);
		if (connection->dropped)
			return;
		if (!write_out(connection))
			return;
		timeout = look_after_times(connection);
		if (!nghttp2_session_want_read(connection->session) &&
			!nghttp2_session_want_write(connection->session) &&
			connection->out.len == 0)
			return;
		if (connection->written < connection->out.len)
			fds[0].events |= POLLOUT;
		if (client_wait_many(&nobody, fds, 2, more || connection->ended ? 0 :
							 timeout) == WAIT_GONE)
			return;
		if (read(connection->workshop.wake_fd, &count, sizeof(count)) < 0)
			count = 0;			/* no reply is new */
		if (!read_in(connection, &more))
			return;
	}
}

bool
http2_serve(const HttpOptions *options, Tls *tls)
{
	Connection	connection = {
		.options = options,
		.tls = tls,
		.number = http_next_connection(),
		.workshop = {
			.lock = PTHREAD_MUTEX_INITIALIZER,
			.ended = PTHREAD_COND_INITIALIZER,
			.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)
		}
	};
	Workshop   *workshop = &connection.workshop;
	Stream	   *stream;

	connection.session = new_session(&connection);
	serve(&connection);

	for (stream = connection.streams; stream; stream = stream->next)
		stream_abandon(stream);
	pthread_mutex_lock(&workshop->lock);
	while (workshop->workers > 0)
		pthread_cond_wait(&workshop->ended, &workshop->lock);
	pthread_mutex_unlock(&workshop->lock);
	nghttp2_session_del(connection.session);
	while ((stream = connection.streams) != NULL)
	{
		connection.streams = stream->next;
		stream_free(stream);
	}
	buffer_free(&connection.out);
	close(workshop->wake_fd);
	return !connection.dropped;
}
