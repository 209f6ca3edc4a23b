/*-------------------------------------------------------------------------
 *
 * http1.c
 *		HTTP/1.1, by libmicrohttpd.
 *
 * Each HTTP connection has a thread of its own, so waiting for the database
 * is a plain poll() that also sees the client hang up.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "http1.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "request.h"

/* Enough for many connections of a test; each costs a thread. */
#define MAX_CONNECTIONS 4096

/* Read and write buffers of a connection; the default makes uploads slow. */
#define CONNECTION_MEMORY (256 * 1024)

/* Bytes handed to libmicrohttpd at once by a faulty body. */
#define BLOCK_SIZE 16384

static struct MHD_Daemon *server;

/* A body that stops or pauses on its way. */
typedef struct FaultyBody
{
	Reply		reply;
	Client		client;
} FaultyBody;

static ssize_t
read_faulty(void *arg, uint64_t position, char *out, size_t max)
{
	FaultyBody *faulty = arg;
	Reply	   *reply = &faulty->reply;
	size_t		len;

	if (reply_is_cut(reply, position))
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (reply_pauses(reply, position))
	{
		if (client_wait(&faulty->client, -1, 0,
						reply->delay_ms) == WAIT_GONE)
			return MHD_CONTENT_READER_END_WITH_ERROR;
		reply->delay_ms = 0;
	}
	len = reply_available(reply, position);
	if (len > max)
		len = max;
	memcpy(out, reply->body.data + position, len);
	return len;
}

static void
free_faulty(void *arg)
{
	FaultyBody *faulty = arg;

	reply_free(&faulty->reply);
	free(faulty);
}

static struct MHD_Response *
make_response(Reply *reply, const Client *client)
{
	struct MHD_Response *response;
	size_t		len = reply->body.len;
	FaultyBody *faulty;

	if (reply->truncate < 0 && reply->delay_ms <= 0)
	{
		response = MHD_create_response_from_buffer_with_free_callback(len,
																	  reply->body.data, free);
		memset(&reply->body, 0, sizeof(reply->body));
		return response;
	}
	faulty = must_alloc(sizeof(FaultyBody));
	faulty->reply = *reply;
	faulty->reply.nheaders = 0;
	faulty->client = *client;
	memset(&reply->body, 0, sizeof(reply->body));
	return MHD_create_response_from_callback(len, BLOCK_SIZE, read_faulty,
											 faulty, free_faulty);
}

/* Runs the request and queues its reply. */
static enum MHD_Result
answer(Request *request, struct MHD_Connection *connection)
{
	struct MHD_Response *response;
	enum MHD_Result result = MHD_NO;
	Reply		reply;

	request_run(request, &reply);
	if (reply.status != 0)
	{
		response = make_response(&reply, &request->source.client);
		if (response == NULL)
			abort();
		for (int i = 0; i < reply.nheaders; i++)
			MHD_add_response_header(response, reply.headers[i].name,
									reply.headers[i].value);
		result = MHD_queue_response(connection, reply.status, response);
		MHD_destroy_response(response);
	}
	reply_free(&reply);
	return result;
}

static const char *
lookup_header(void *arg, const char *name)
{
	return MHD_lookup_connection_value(arg, MHD_HEADER_KIND, name);
}

static Request *
new_request(const HttpOptions *options, struct MHD_Connection *connection,
			const char *method, const char *path)
{
	const union MHD_ConnectionInfo *info;
	RequestSource source = {
		.version = "1.1",
		.method = method,
		.path = path,
		.lookup = lookup_header,
		.lookup_arg = connection
	};

	info = MHD_get_connection_info(connection,
								   MHD_CONNECTION_INFO_CONNECTION_FD);
	source.client.fd = info->connect_fd;
	source.client.events = POLLRDHUP;
	info = MHD_get_connection_info(connection,
								   MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	source.connection = (unsigned long) info->socket_context;
	return request_new(options, &source);
}

/*
 * Called first with the headers only, then with each part of the body, then
 * once more without data.  What is answered at once has its connection closed
 * by libmicrohttpd, as the rest of the body would stand in front of the next
 * request: the client often loses the reply, as with the hosted endpoint.
 */
static enum MHD_Result
access_handler(void *arg, struct MHD_Connection *connection, const char *url,
			   const char *method, const char *version, const char *data,
			   size_t *size, void **state)
{
	Request    *request = *state;

	(void) version;
	if (request == NULL)
	{
		*state = request = new_request(arg, connection, method, url);
		return request_is_early(request) ? answer(request, connection) :
			MHD_YES;
	}
	if (*size > 0)
	{
		request_add_body(request, data, *size);
		*size = 0;
		return MHD_YES;
	}
	return answer(request, connection);
}

/* The reply is out, or there will be none. */
static void
request_completed(void *arg, struct MHD_Connection *connection, void **state,
				  enum MHD_RequestTerminationCode code)
{
	(void) arg;
	(void) connection;
	(void) code;
	if (*state != NULL)
		request_free(*state);
	*state = NULL;
}

static void
connection_event(void *arg, struct MHD_Connection *connection,
				 void **socket_context,
				 enum MHD_ConnectionNotificationCode code)
{
	const union MHD_ConnectionInfo *info;
	int			on = 1;

	(void) arg;
	if (code != MHD_CONNECTION_NOTIFY_STARTED)
		return;
	*socket_context = (void *) http_next_connection();
	info = MHD_get_connection_info(connection,
								   MHD_CONNECTION_INFO_CONNECTION_FD);
	setsockopt(info->connect_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

bool
http1_start(const HttpOptions *options, int listen_fd)
{
	unsigned int flags = MHD_USE_THREAD_PER_CONNECTION |
		MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ERROR_LOG |
		MHD_USE_ITC;
	struct MHD_OptionItem socket[] = {
		{MHD_OPTION_LISTEN_SOCKET, listen_fd, NULL},
		{MHD_OPTION_END, 0, NULL}
	};

	if (listen_fd < 0)
	{
		flags |= MHD_USE_NO_LISTEN_SOCKET;
		socket[0].option = MHD_OPTION_END;
	}
	server = MHD_start_daemon(flags, 0, NULL, NULL,
							  access_handler, (void *) options,
							  MHD_OPTION_ARRAY, socket,
							  MHD_OPTION_CONNECTION_LIMIT, MAX_CONNECTIONS,
							  MHD_OPTION_CONNECTION_MEMORY_LIMIT,
							  (size_t) CONNECTION_MEMORY,
							  MHD_OPTION_NOTIFY_COMPLETED,
							  request_completed, NULL,
							  MHD_OPTION_NOTIFY_CONNECTION,
							  connection_event, NULL,
							  MHD_OPTION_END);
	return server != NULL;
}

void
http1_stop(void)
{
	MHD_stop_daemon(server);
}

void
http1_serve(int fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	MHD_add_connection(server, fd, (struct sockaddr *) &address,
					   sizeof(address));
}
