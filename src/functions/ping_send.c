/*-------------------------------------------------------------------------
 *
 * functions/ping_send.c
 *		The request of neon_http_ping() and what came back.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "functions/ping_send.h"
#include "http/wait.h"
#include "json/request.h"
#include "remote/guard.h"

/*
 * The time limit when the server has no request_timeout: longer than a
 * compute needs to wake up, and than anybody wants to look at a cursor.
 */
#define PING_TIMEOUT_MS		30000

/* The time limit of a probe. */
#define PROBE_TIMEOUT_MS	5000

/*
 * What is kept of a reply.  The reply to two short statements takes a few
 * hundred bytes; one that is an HTML page may take more.
 */
#define MAX_REPLY			(1024 * 1024)


static void
run_transfer(NeonPing *ping, NeonRequest *request, int64 timeout)
{
	instr_time	waited;
	const char *data;
	size_t		len;
	int64		deadline = neon_clock() + timeout;

	INSTR_TIME_SET_ZERO(waited);
	initStringInfo(&ping->body);
	ping->transfer = neon_transfer_start(ping->connection->client, request);
	while ((len = neon_transfer_read(ping->transfer, &data, deadline, 0,
									 &waited)) > 0)
		appendBinaryStringInfo(&ping->body, data,
							   Min(len, MAX_REPLY - ping->body.len));
	ping->trace = *neon_transfer_trace(ping->transfer);
	ping->failure = neon_transfer_failure(ping->transfer);
	ping->status = neon_transfer_status(ping->transfer);
}

void
neon_ping_send(NeonPing *ping)
{
	static const char *const headers[] = {
		"Neon-Batch-Isolation-Level: RepeatableRead",
		"Neon-Batch-Read-Only: true",
		NULL
	};
	NeonRequest request = {
		.headers = headers,
		.kind = NEON_REQUEST_TRACED,
		.purpose = NEON_PURPOSE_OTHER
	};
	NeonQuery	queries[2] = {0};
	int			timeout = ping->connection->options->request_timeout;

	ping->url = pstrdup(neon_connection_url(ping->connection));
	neon_guard(ping->connection, &queries[0], false);
	queries[1].sql = "SELECT pg_catalog.current_setting('server_version'),"
		" pg_catalog.current_database(), current_user";
	queries[1].ncolumns = 3;
	ping->nresults = lengthof(queries);
	for (int i = 0; i < lengthof(queries); i++)
		ping->ncolumns[i] = queries[i].ncolumns;
	request.body = neon_request_body(queries, lengthof(queries), &request.len);
	run_transfer(ping, &request,
				 timeout > 0 ? (int64) timeout * 1000 : PING_TIMEOUT_MS);
}

void
neon_ping_probe(NeonPing *probe)
{
	static const char *const no_headers[] = {NULL};
	NeonRequest request = {
		.body = "",.headers = no_headers,.kind = NEON_REQUEST_PROBE
	};

	run_transfer(probe, &request, PROBE_TIMEOUT_MS);
}
