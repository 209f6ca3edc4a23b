/*-------------------------------------------------------------------------
 *
 * remote/ask_limit.c
 *		Was a request refused because of its length?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "http/wait.h"
#include "remote/ask_limit.h"
#include "remote/diagnosis.h"

/* What is said of a refusal is short. */
#define MAX_BODY	(1024 * 1024)

/*
 * How long to wait for what an endpoint says of a request that is only
 * announced: it has nothing to do but to look at a header.
 */
#define ASK_LIMIT_MS	3000

NeonError *
neon_ask_limit(NeonConnection *connection, const NeonRequest *request,
			   int64 deadline, NeonStats *stats)
{
	NeonRequest announced = *request;
	NeonTransfer *transfer;
	StringInfoData body;
	const char *data;
	size_t		len;
	NeonError  *error = NULL;

	deadline = Min(deadline, neon_clock() + ASK_LIMIT_MS);
	announced.kind = NEON_REQUEST_ANNOUNCED;
	announced.purpose = NEON_PURPOSE_OTHER;
	announced.activity = NULL;
	transfer = neon_transfer_start(connection->client, &announced);
	stats->requests++;
	initStringInfo(&body);
	while (body.len < MAX_BODY &&
		   (len = neon_transfer_read(transfer, &data, deadline, 0,
									 &stats->wait)) > 0)
		appendBinaryStringInfo(&body, data, Min(len, MAX_BODY - body.len));
	if (neon_transfer_status(transfer) >= 300)
		error = neon_error_from_reply(connection,
									  neon_transfer_status(transfer),
									  body.data, body.len,
									  neon_transfer_request_id(transfer));
	neon_transfer_end(transfer);
	pfree(body.data);
	if (error == NULL || error->sqlstate != ERRCODE_PROGRAM_LIMIT_EXCEEDED)
		return NULL;
	return error;
}
