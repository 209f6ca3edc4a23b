/*-------------------------------------------------------------------------
 *
 * request.c
 *		A request, from its headers to its reply, in any version of HTTP.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "request.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "log.h"
#include "refusal.h"

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
		.http = request->source.version,
		.connection = request->source.connection,
		.method = request->source.method,
		.path = request->source.path,
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

static void
refuse_size(Request *request)
{
	error_plain(&request->outcome, 413,
				"request is too large (max is %zu bytes)",
				request->options->max_request);
}

static bool
wait_latency(Request *request)
{
	if (request->options->latency_ms == 0 ||
		client_wait(&request->source.client, -1, 0,
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

/* Is there no rate limit or the like against it? */
static bool
check_refusal(Request *request)
{
	const Refusal *refusal = request->fault.refusal;

	if (refusal == NULL)
		refusal = refusal_of(request->headers.target.host);
	if (refusal != NULL)
		error_plain(&request->outcome, refusal->status, "%s", refusal->text);
	return refusal == NULL;
}

/* Leaves a status and a body in the outcome. */
static void
work(Request *request)
{
	const HttpOptions *options = request->options;
	Outcome    *outcome = &request->outcome;
	Backend    *backend;

	if (request->bytes_in > options->max_request)
		refuse_size(request);
	if (outcome->status != 0)
		return;					/* its headers were enough */
	if (!payload_parse(&request->payload, request->body.data,
					   request->body.len, &request->is_json, outcome) ||
		!wait_latency(request) || !check_token(request) ||
		!check_refusal(request))
		return;
	backend = pool_acquire(&request->headers.target, request->headers.pool,
						   &request->source.client, outcome);
	if (backend == NULL)
		return;
	request->backend_reused = backend->reused;
	if (request->claims.text != NULL)
		pool_set_claims(backend, request->claims.text);
	execute_payload(backend, &request->payload, &request->headers,
					&request->source.client, &options->limits, outcome);
	pool_release(backend);
	request->released = backend;
}

/* What a fault replies instead of us; the log wants the body all the same. */
static void
reply_by_fault(Request *request)
{
	Fault	   *fault = &request->fault;
	Outcome		ignored = {0};

	if (request->outcome.status == 0)
		payload_parse(&request->payload, request->body.data,
					  request->body.len, &request->is_json, &ignored);
	buffer_free(&ignored.body);
	request->payload.batch = false;
	buffer_free(&request->outcome.body);
	request->outcome.status = fault->status;
	request->outcome.body = fault->body;
	memset(&fault->body, 0, sizeof(fault->body));
}

static void
add_echo(Reply *reply, const Headers *headers)
{
	if (headers->read_only)
		reply_header(reply, "neon-batch-read-only", "true");
	if (headers->deferrable)
		reply_header(reply, "neon-batch-deferrable", "true");
	if (headers->isolation != NULL)
		reply_header(reply, "neon-batch-isolation-level", headers->isolation);
}

/* The answer to a browser's question what it may send. */
static void
answer_options(Request *request, Reply *reply)
{
	request->outcome.status = 200;
	reply_header(reply, "allow", "OPTIONS, POST");
	reply_header(reply, "access-control-allow-headers",
				 "Authorization, Neon-Connection-String, "
				 "Neon-Raw-Text-Output, Neon-Array-Mode, "
				 "Neon-Pool-Opt-In, Neon-Batch-Read-Only, "
				 "Neon-Batch-Isolation-Level");
	reply_header(reply, "access-control-max-age", "86400");
}

static void
answer_sql(Request *request, Reply *reply)
{
	Fault	   *fault = &request->fault;
	bool		html;

	fault_next(fault);
	html = fault->kind == FAULT_REPLY && !fault->is_json;
	if (fault->kind == FAULT_REPLY || fault->kind == FAULT_DROP_BEFORE)
		reply_by_fault(request);
	else
		work(request);
	reply_header(reply, "content-type",
				 html ? "text/html" : "application/json");
	if (request->payload.batch && request->outcome.status == 200)
		add_echo(reply, &request->headers);
	reply_fault_headers(reply, fault);
	if (fault->kind == FAULT_DROP_BEFORE || fault->kind == FAULT_DROP_AFTER)
		request->outcome.status = 0;
	if (fault->kind == FAULT_BODY)
	{
		reply->truncate = fault->truncate;
		reply->delay_ms = fault->delay_ms;
		reply->after_bytes = fault->after_bytes;
	}
}

void
request_run(Request *request, Reply *reply)
{
	Outcome    *outcome = &request->outcome;
	size_t		bytes_out;

	memset(reply, 0, sizeof(*reply));
	reply->truncate = -1;
	reply_header(reply, "neon-request-id", request->id);
	reply_header(reply, "access-control-allow-origin", "*");
	if (request->is_sql)
		answer_sql(request, reply);
	else if (strcmp(request->source.path, "/sql") == 0 &&
			 strcmp(request->source.method, "OPTIONS") == 0)
		answer_options(request, reply);
	else
	{
		outcome->status = 400;
		reply_header(reply, "content-type", "application/json");
		buffer_append_json_str(&outcome->body, "query is not supported");
	}
	bytes_out = outcome->status == 0 ? 0 : outcome->body.len;
	if (reply_is_cut(reply, bytes_out))
		bytes_out = reply->truncate;
	write_log(request, bytes_out);
	reply->status = outcome->status;
	reply->body = outcome->body;
	memset(&outcome->body, 0, sizeof(outcome->body));
}

Request *
request_new(const HttpOptions *options, const RequestSource *source)
{
	Request    *request = must_alloc(sizeof(Request));

	request->options = options;
	request->source = *source;
	request->fault.truncate = -1;
	request->is_sql = strcmp(source->path, "/sql") == 0 &&
		strcmp(source->method, "POST") == 0;
	make_id(request->id);
	clock_gettime(CLOCK_MONOTONIC, &request->start);
	return request;
}

bool
request_is_early(Request *request)
{
	const RequestSource *source = &request->source;
	const char *length;

	if (!request->is_sql)
		return true;
	if (!header_parse(&request->headers, &request->options->tokens,
					  source->lookup, source->lookup_arg, &request->outcome))
		return true;
	length = source->lookup(source->lookup_arg, "Content-Length");
	if (length == NULL ||
		strtoull(length, NULL, 10) <= request->options->max_request)
		return false;
	refuse_size(request);
	return true;
}

void
request_add_body(Request *request, const char *data, size_t len)
{
	request->bytes_in += len;
	if (request->bytes_in <= request->options->max_request)
		buffer_append(&request->body, data, len);
}

void
request_free(Request *request)
{
	if (request->released != NULL)
		pool_reset(request->released);
	payload_free(&request->payload);
	header_free(&request->headers);
	jwt_free(&request->claims);
	fault_free(&request->fault);
	buffer_free(&request->outcome.body);
	buffer_free(&request->body);
	free(request);
}
