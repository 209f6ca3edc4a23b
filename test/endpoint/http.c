/*-------------------------------------------------------------------------
 *
 * http.c
 *		The HTTP server: requests in, replies out.
 *
 * Each HTTP connection has a thread of its own, so waiting for the database
 * is a plain poll() that also sees the client hang up.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "http.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

#include "log.h"
#include "reply.h"

#define UUID_LEN 36

/* Enough for many connections of a test; each costs a thread. */
#define MAX_CONNECTIONS 4096

/* Read and write buffers of a connection; the default makes uploads slow. */
#define CONNECTION_MEMORY (256 * 1024)

typedef struct Request
{
	const HttpOptions *options;
	struct MHD_Connection *connection;
	const char *method;
	const char *path;
	char		id[UUID_LEN + 1];
	unsigned long connection_number;
	Client		client;
	struct timespec start;
	Buffer		body;
	size_t		bytes_in;		/* also counts what is beyond the limit */
	Headers		headers;
	JwtClaims	claims;
	Payload		payload;
	bool		is_json;
	const Backend *released;	/* to be reset, maybe gone already */
	bool		backend_reused;
	Fault		fault;
	Outcome		outcome;
} Request;

static atomic_ulong connections;

/* A random UUID in its usual form. */
static void
make_id(char *id)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[16];
	char	   *p = id;

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		abort();
	bytes[6] = (bytes[6] & 0x0f) | 0x40;
	bytes[8] = (bytes[8] & 0x3f) | 0x80;
	for (int i = 0; i < 16; i++)
	{
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = digits[bytes[i] >> 4];
		*p++ = digits[bytes[i] & 15];
	}
	*p = '\0';
}

static const char *
lookup_header(void *arg, const char *name)
{
	return MHD_lookup_connection_value(arg, MHD_HEADER_KIND, name);
}

static double
elapsed_ms(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1000.0 +
		(now.tv_nsec - start->tv_nsec) / 1000000.0;
}

static void
write_log(Request *request, size_t bytes_out)
{
	LogEntry	entry = {
		.id = request->id,
		.connection = request->connection_number,
		.method = request->method,
		.path = request->path,
		.status = request->outcome.status,
		.duration_ms = elapsed_ms(&request->start),
		.bytes_in = request->bytes_in,
		.bytes_out = bytes_out,
		.headers = &request->headers,
		.subject = request->claims.subject,
		.backend_reused = request->backend_reused,
		.cancelled = request->outcome.cancelled,
		.fault = fault_name(&request->fault),
		.body = request->body.data,
		.body_len = request->body.len,
		.body_is_json = request->is_json
	};

	log_request(&entry);
}

static bool
wait_latency(Request *request)
{
	if (request->options->latency_ms == 0 ||
		client_wait(&request->client, -1, 0,
					request->options->latency_ms) != WAIT_GONE)
		return true;
	error_cancelled(&request->outcome);
	return false;
}

static bool
check_token(Request *request)
{
	const char *problem;

	if (request->headers.token == NULL)
		return true;
	problem = jwt_verify(&request->options->tokens.jwt,
						 request->headers.token, &request->claims);
	if (problem != NULL)
		error_plain(&request->outcome, 400, "%s", problem);
	return problem == NULL;
}

/* Leaves a status and a body in the outcome. */
static void
work(Request *request)
{
	const HttpOptions *options = request->options;
	Outcome    *outcome = &request->outcome;
	Backend    *backend;

	if (!header_parse(&request->headers, &options->tokens, lookup_header,
					  request->connection, outcome))
		return;
	if (request->bytes_in > options->max_request)
	{
		error_plain(outcome, 413, "request is too large (max is %zu bytes)",
					options->max_request);
		return;
	}
	if (!payload_parse(&request->payload, request->body.data,
					   request->body.len, &request->is_json, outcome) ||
		!wait_latency(request) || !check_token(request))
		return;
	backend = pool_acquire(&request->headers.target, request->headers.pool,
						   &request->client, outcome);
	if (backend == NULL)
		return;
	request->backend_reused = backend->reused;
	if (request->claims.text != NULL)
		pool_set_claims(backend, request->claims.text);
	execute_payload(backend, &request->payload, &request->headers,
					&request->client, &options->limits, outcome);
	pool_release(backend);
	request->released = backend;
}

/* The reply, unless the fault is that there is none. */
static enum MHD_Result
finish(Request *request)
{
	Outcome    *outcome = &request->outcome;
	Fault	   *fault = &request->fault;
	size_t		bytes_out = outcome->body.len;
	bool		html = fault->kind == FAULT_REPLY && !fault->is_json;
	Reply		reply = {
		.id = request->id,
		.content_type = html ? "text/html" : "application/json",
		.echo = request->payload.batch && outcome->status == 200 ?
			&request->headers : NULL,
		.fault = fault,
		.client = &request->client
	};

	if (fault->kind == FAULT_DROP_BEFORE || fault->kind == FAULT_DROP_AFTER)
	{
		outcome->status = 0;
		bytes_out = 0;
	}
	else if (fault->kind == FAULT_BODY && fault->truncate >= 0 &&
			 (size_t) fault->truncate < bytes_out)
		bytes_out = fault->truncate;

	/* strings below live until the request is freed, the body does not */
	write_log(request, bytes_out);
	if (outcome->status == 0)
		return MHD_NO;
	return reply_send(request->connection, &reply, outcome);
}

static enum MHD_Result
handle_sql(Request *request)
{
	Fault	   *fault = &request->fault;

	fault_next(fault);
	if (fault->kind == FAULT_REPLY || fault->kind == FAULT_DROP_BEFORE)
	{
		Outcome		ignored = {0};

		/* the log wants to know about the request all the same */
		if (header_parse(&request->headers, &request->options->tokens,
						 lookup_header, request->connection, &ignored))
			payload_parse(&request->payload, request->body.data,
						  request->body.len, &request->is_json, &ignored);
		buffer_free(&ignored.body);
		request->payload.batch = false;
		request->outcome.status = fault->status;
		request->outcome.body = fault->body;
		memset(&fault->body, 0, sizeof(fault->body));
	}
	else
		work(request);
	return finish(request);
}

static enum MHD_Result
handle_request(Request *request)
{
	bool		is_sql = strcmp(request->path, "/sql") == 0;

	if (is_sql && strcmp(request->method, "POST") == 0)
		return handle_sql(request);
	if (is_sql && strcmp(request->method, "OPTIONS") == 0)
	{
		request->outcome.status = 200;
		write_log(request, 0);
		return reply_send_options(request->connection, request->id);
	}
	request->outcome.status = 400;
	buffer_append_json_str(&request->outcome.body, "query is not supported");
	return finish(request);
}

static Request *
new_request(const HttpOptions *options, struct MHD_Connection *connection,
			const char *method, const char *path)
{
	Request    *request = must_alloc(sizeof(Request));
	const union MHD_ConnectionInfo *info;

	request->options = options;
	request->connection = connection;
	request->method = method;
	request->path = path;
	request->fault.truncate = -1;
	make_id(request->id);
	clock_gettime(CLOCK_MONOTONIC, &request->start);
	info = MHD_get_connection_info(connection,
								   MHD_CONNECTION_INFO_CONNECTION_FD);
	request->client.fd = info->connect_fd;
	info = MHD_get_connection_info(connection,
								   MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	request->connection_number = (unsigned long) info->socket_context;
	return request;
}

/*
 * Called first with the headers only, then with each part of the body, then
 * once more without data.  The whole body is read even if it is too large:
 * closing early would often destroy the reply on its way.
 */
static enum MHD_Result
access_handler(void *arg, struct MHD_Connection *connection, const char *url,
			   const char *method, const char *version, const char *data,
			   size_t *size, void **state)
{
	const HttpOptions *options = arg;
	Request    *request = *state;

	(void) version;
	if (request == NULL)
	{
		*state = new_request(options, connection, method, url);
		return MHD_YES;
	}
	if (*size > 0)
	{
		request->bytes_in += *size;
		if (request->bytes_in <= options->max_request)
			buffer_append(&request->body, data, *size);
		*size = 0;
		return MHD_YES;
	}
	return handle_request(request);
}

/* The reply is out, or there will be none. */
static void
request_completed(void *arg, struct MHD_Connection *connection, void **state,
				  enum MHD_RequestTerminationCode code)
{
	Request    *request = *state;

	(void) arg;
	(void) connection;
	(void) code;
	if (request == NULL)
		return;
	if (request->released != NULL)
		pool_reset(request->released);
	payload_free(&request->payload);
	header_free(&request->headers);
	jwt_free(&request->claims);
	fault_free(&request->fault);
	buffer_free(&request->outcome.body);
	buffer_free(&request->body);
	free(request);
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
	*socket_context = (void *) (atomic_fetch_add(&connections, 1) + 1);
	info = MHD_get_connection_info(connection,
								   MHD_CONNECTION_INFO_CONNECTION_FD);
	setsockopt(info->connect_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

struct MHD_Daemon *
http_start(const HttpOptions *options)
{
	unsigned int flags = MHD_USE_THREAD_PER_CONNECTION |
		MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ERROR_LOG;
	struct MHD_OptionItem tls[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, (void *) options->certificate},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, (void *) options->key},
		{MHD_OPTION_HTTPS_PRIORITIES, 0,
		"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
		{MHD_OPTION_END, 0, NULL}
	};
	struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};

	if (options->certificate != NULL)
		flags |= MHD_USE_TLS;
	return MHD_start_daemon(flags, 0, NULL, NULL,
							access_handler, (void *) options,
							MHD_OPTION_LISTEN_SOCKET, options->listen_fd,
							MHD_OPTION_CONNECTION_LIMIT, MAX_CONNECTIONS,
							MHD_OPTION_CONNECTION_MEMORY_LIMIT,
							(size_t) CONNECTION_MEMORY,
							MHD_OPTION_NOTIFY_COMPLETED,
							request_completed, NULL,
							MHD_OPTION_NOTIFY_CONNECTION,
							connection_event, NULL,
							MHD_OPTION_ARRAY,
							options->certificate ? tls : none,
							MHD_OPTION_END);
}
