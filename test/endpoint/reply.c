/*-------------------------------------------------------------------------
 *
 * reply.c
 *		Sending an outcome to the HTTP client.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "reply.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST_ID "neon-request-id"

/* Bytes handed to the server library at once by a faulty body. */
#define BLOCK_SIZE 16384

/* A body that stops or pauses on its way. */
typedef struct FaultyBody
{
	Buffer		body;
	Client		client;
	long		truncate;
	long		delay_ms;		/* 0 once it is over */
	size_t		after_bytes;
} FaultyBody;

static ssize_t
read_faulty(void *arg, uint64_t position, char *out, size_t max)
{
	FaultyBody *faulty = arg;
	size_t		len = faulty->body.len - position;

	if (faulty->truncate >= 0 && position >= (uint64_t) faulty->truncate)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (faulty->delay_ms > 0 && position >= faulty->after_bytes)
	{
		if (client_wait(&faulty->client, -1, 0,
						faulty->delay_ms) == WAIT_GONE)
			return MHD_CONTENT_READER_END_WITH_ERROR;
		faulty->delay_ms = 0;
	}
	if (faulty->truncate >= 0 && len > faulty->truncate - position)
		len = faulty->truncate - position;
	if (faulty->delay_ms > 0 && len > faulty->after_bytes - position)
		len = faulty->after_bytes - position;
	if (len > max)
		len = max;
	memcpy(out, faulty->body.data + position, len);
	return len;
}

static void
free_faulty(void *arg)
{
	FaultyBody *faulty = arg;

	buffer_free(&faulty->body);
	free(faulty);
}

static struct MHD_Response *
make_response(const Reply *reply, Outcome *outcome)
{
	Buffer		body = outcome->body;
	FaultyBody *faulty;

	memset(&outcome->body, 0, sizeof(outcome->body));
	if (reply->fault == NULL || reply->fault->kind != FAULT_BODY)
		return MHD_create_response_from_buffer_with_free_callback(body.len,
																  body.data,
																  free);
	faulty = must_alloc(sizeof(FaultyBody));
	faulty->body = body;
	faulty->client = *reply->client;
	faulty->truncate = reply->fault->truncate;
	faulty->delay_ms = reply->fault->delay_ms;
	faulty->after_bytes = reply->fault->after_bytes;
	return MHD_create_response_from_callback(body.len, BLOCK_SIZE,
											 read_faulty, faulty,
											 free_faulty);
}

static void
add_echo(struct MHD_Response *response, const Headers *headers)
{
	if (headers->read_only)
		MHD_add_response_header(response, "neon-batch-read-only", "true");
	if (headers->deferrable)
		MHD_add_response_header(response, "neon-batch-deferrable", "true");
	if (headers->isolation != NULL)
		MHD_add_response_header(response, "neon-batch-isolation-level",
								headers->isolation);
}

static enum MHD_Result
queue_response(struct MHD_Connection *connection, int status,
			   struct MHD_Response *response, const char *id)
{
	enum MHD_Result result;

	MHD_add_response_header(response, "Access-Control-Allow-Origin", "*");
	MHD_add_response_header(response, REQUEST_ID, id);
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

enum MHD_Result
reply_send(struct MHD_Connection *connection, const Reply *reply,
		   Outcome *outcome)
{
	struct MHD_Response *response = make_response(reply, outcome);

	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", reply->content_type);
	if (reply->echo != NULL)
		add_echo(response, reply->echo);
	if (reply->fault != NULL && reply->fault->headers != NULL)
	{
		json_object_object_foreach(reply->fault->headers, key, value)
			MHD_add_response_header(response, key,
									json_object_get_string(value));
	}
	return queue_response(connection, outcome->status, response, reply->id);
}

enum MHD_Result
reply_send_options(struct MHD_Connection *connection, const char *id)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);

	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, "Allow", "OPTIONS, POST");
	MHD_add_response_header(response, "Access-Control-Allow-Headers",
							"Authorization, Neon-Connection-String, "
							"Neon-Raw-Text-Output, Neon-Array-Mode, "
							"Neon-Pool-Opt-In, Neon-Batch-Read-Only, "
							"Neon-Batch-Isolation-Level");
	MHD_add_response_header(response, "Access-Control-Max-Age", "86400");
	return queue_response(connection, 200, response, id);
}
