/*-------------------------------------------------------------------------
 *
 * remote.c
 *		Run a batch on the endpoint and hand out its results.
 *
 * A reader goes through one or more attempts: each is a transfer and a
 * decoder in a memory context of their own.  Another attempt is made only
 * while the caller has been told nothing yet, so that what it sees is always
 * one reply, from one snapshot.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "common/pg_prng.h"
#include "compat.h"
#include "error.h"
#include "guard.h"
#include "lib/stringinfo.h"
#include "remote.h"
#include "request.h"
#include "wait.h"

/*
 * Pauses between attempts are drawn from 0 to a bound that doubles ("full
 * jitter"): many sessions that fail together do not come back together.  A
 * compute that starts takes a second or two, so the first few come quickly.
 */
#define RETRY_BASE_MS	100
#define RETRY_CAP_MS	5000

/* An error's body beyond this would not be shown anyway. */
#define MAX_ERROR_BODY	(1024 * 1024)

#define MAX_COMMAND		64

/* How the endpoint refuses a reply over its limit. */
#define HTTP_TOO_LARGE	507

/* Results are counted with the guard's, which is the first. */
#define GUARD_RESULT	0

struct NeonReader
{
	MemoryContext context;		/* holds all of it */
	MemoryContextCallback cleanup;
	NeonConnection *connection; /* pinned */
	NeonStats  *stats;

	/* the request, kept for another attempt */
	NeonRequest request;
	const char *headers[NEON_MAX_REQUEST_HEADERS + 1];
	char	   *sql;			/* for error messages */
	int			nresults;		/* with the guard's */
	int		   *ncolumns;
	bool		awaited;		/* somebody has waited for the reply */
	int64		deadline;		/* for it to begin, all attempts */

	/* this attempt */
	MemoryContext attempt;
	NeonTransfer *transfer;
	NeonResponse *response;
	int			sent;			/* times libcurl sent it, as far as counted */
	bool		begun;			/* the reply has */
	int			result;			/* the current one */

	int64		received;		/* bytes of its body */
	bool		may_be_too_large;	/* the caller asks whether it is */
	NeonError  *too_large;		/* it is */

	int			retries;
	bool		told;			/* the caller knows something of the reply */
	bool		result_done;
	char		command[MAX_COMMAND];
};

static void
start_attempt(NeonReader *reader)
{
	MemoryContext old;

	MemoryContextReset(reader->attempt);
	reader->sent = 0;
	reader->begun = false;
	reader->received = 0;
	reader->result = GUARD_RESULT;
	old = MemoryContextSwitchTo(reader->attempt);
	reader->response = neon_response_create(reader->nresults,
											reader->ncolumns);
	reader->transfer = neon_transfer_start(reader->connection->client,
										   &reader->request);
	MemoryContextSwitchTo(old);
	reader->stats->requests++;
	reader->stats->bytes_sent += reader->request.len;
}

/* ---------- errors and retries ---------- */

/*
 * How long to wait before the next attempt, -1 if there must not be one:
 * when there is no time for it, this error says more than a timeout would.
 */
static int64
retry_delay(NeonReader *reader, const NeonError *error)
{
	TimestampTz statement = neon_statement_deadline();
	int64		bound = RETRY_CAP_MS;
	int64		delay;

	if (reader->told || !error->transient ||
		reader->retries >= reader->connection->options->max_retries)
		return -1;
	if (reader->retries < 16)
		bound = Min(bound, (int64) RETRY_BASE_MS << reader->retries);
	delay = (int64) (pg_prng_double(&pg_global_prng_state) * bound);
	if (reader->deadline != NEON_NO_DEADLINE &&
		neon_clock() + delay >= reader->deadline)
		return -1;
	if (statement != DT_NOEND &&
		GetCurrentTimestamp() + delay * 1000 >= statement)
		return -1;
	return delay;
}

pg_noreturn static void
throw_error(NeonReader *reader, const NeonError *error)
{
	neon_stats_error(reader->connection->stats, error->sqlstate);
	neon_error_throw(error, reader->sql);
}

/* Starts another attempt, or throws.  The one place that retries. */
static void
retry_or_throw(NeonReader *reader, const NeonError *error)
{
	int64		delay = retry_delay(reader, error);
	int64		until;

	if (delay < 0)
		throw_error(reader, error);
	reader->retries++;
	reader->stats->retries++;
	neon_stats_retry(reader->connection->stats, 1);
	ereport(DEBUG1,
			(errcode(error->sqlstate),
			 errmsg_internal("retrying request to server \"%s\" (attempt %d) in " INT64_FORMAT " ms: %s",
							 reader->connection->server_name,
							 reader->retries + 1, delay,
							 error->message ? error->message : ""),
			 error->detail ? errdetail_internal("%s", error->detail) : 0));

	/* cuts off what is left of this attempt before the pause */
	MemoryContextReset(reader->attempt);
	until = neon_clock() + delay;
	while (neon_clock() < until)
		neon_wait(until, &reader->stats->wait);
	start_attempt(reader);
}

static size_t
receive(NeonReader *reader, const char **data)
{
	int64		timeout;
	size_t		len;
	int			sent;

	/*
	 * The limit is for the reply to begin, and then for each piece of it: a
	 * long reply that keeps coming, or a reader that takes its time, is no
	 * reason to fail.
	 */
	timeout = (int64) reader->connection->options->request_timeout * 1000;

	/* What was sent ahead may have to wait for its turn to be read. */
	if (!reader->awaited && timeout > 0)
		reader->deadline = Min(reader->deadline, neon_clock() + timeout);
	reader->awaited = true;
	len = neon_transfer_read(reader->transfer, data,
							 reader->begun ? NEON_NO_DEADLINE : reader->deadline,
							 reader->begun ? timeout : 0,
							 &reader->stats->wait);
	reader->stats->bytes_received += len;
	reader->received += len;

	/* libcurl may have sent it again over a fresh connection */
	sent = neon_transfer_attempts(reader->transfer);
	if (sent > 1 && sent > reader->sent)
	{
		int			again = sent - Max(reader->sent, 1);

		reader->stats->requests += again;
		reader->stats->retries += again;
		neon_stats_retry(reader->connection->stats, again);
		reader->stats->bytes_sent += again * reader->request.len;
		ereport(DEBUG1,
				(errmsg_internal("kept connection to server \"%s\" was closed, request was sent again",
								 reader->connection->server_name)));
	}
	reader->sent = sent;
	return len;
}

/* The reply is an error: reads it all, as far as it is worth showing. */
static void
handle_error_reply(NeonReader *reader, const char *data, size_t len)
{
	StringInfoData body;
	NeonError  *error;

	initStringInfo(&body);
	while (len > 0)
	{
		appendBinaryStringInfo(&body, data,
							   Min(len, MAX_ERROR_BODY - body.len));
		if (body.len == MAX_ERROR_BODY)
			break;
		len = receive(reader, &data);
	}
	error = neon_error_from_reply(reader->connection,
								  neon_transfer_status(reader->transfer),
								  body.data, body.len,
								  neon_transfer_request_id(reader->transfer));
	pfree(body.data);
	if (reader->may_be_too_large &&
		neon_transfer_status(reader->transfer) == HTTP_TOO_LARGE)
		reader->too_large = error;
	else
		retry_or_throw(reader, error);
}

/* ---------- the reply ---------- */

/* Gives the decoder more to do, or another attempt. */
static void
feed(NeonReader *reader)
{
	const char *data;
	size_t		len = receive(reader, &data);
	const NeonFailure *failure = neon_transfer_failure(reader->transfer);
	int			status = neon_transfer_status(reader->transfer);

	if (!reader->begun && status != 0 && status != 200)
	{
		reader->begun = true;
		handle_error_reply(reader, data, len);
		return;
	}
	reader->begun = true;
	if (len > 0)
		neon_response_feed(reader->response, data, len);
	else if (failure != NULL)
		retry_or_throw(reader,
					   neon_error_from_failure(reader->connection, failure,
											   neon_transfer_request_id(reader->transfer)));
	else
		neon_response_finish(reader->response);
}

bool
neon_remote_fits(NeonReader *reader, int64 *limit)
{
	MemoryContext old = MemoryContextSwitchTo(reader->context);
	const char *number;

	reader->may_be_too_large = true;
	while (!reader->begun)
		feed(reader);
	reader->may_be_too_large = false;
	MemoryContextSwitchTo(old);
	if (reader->too_large == NULL)
		return true;

	/* "response is too large (max is 67108864 bytes)" */
	number = strpbrk(reader->too_large->message, "0123456789");
	*limit = number != NULL ? strtoll(number, NULL, 10) : 0;
	return false;
}

void
neon_remote_refuse(NeonReader *reader)
{
	throw_error(reader, reader->too_large);
}

void
neon_remote_limit(NeonReader *reader, int64 milliseconds)
{
	reader->deadline = Min(reader->deadline, neon_clock() + milliseconds);
}

int64
neon_remote_received(NeonReader *reader)
{
	return reader->received;
}

/* ROW, RESULT_END or END; everything else is dealt with here. */
static NeonResponseEvent
next_event(NeonReader *reader)
{
	for (;;)
	{
		NeonResponseEvent event;
		MemoryContext old = MemoryContextSwitchTo(reader->attempt);

		event = neon_response_next(reader->response);
		MemoryContextSwitchTo(reader->context);
		if (event == NEON_RESPONSE_NEED_INPUT)
			feed(reader);
		MemoryContextSwitchTo(old);

		if (event == NEON_RESPONSE_BROKEN)
			throw_error(reader,
						neon_error_from_problem(reader->connection,
												neon_response_problem(reader->response),
												neon_response_offset(reader->response),
												neon_transfer_request_id(reader->transfer)));
		if (event != NEON_RESPONSE_NEED_INPUT)
			return event;
	}
}

const NeonRow *
neon_remote_next_row(NeonReader *reader)
{
	while (!reader->result_done)
	{
		switch (next_event(reader))
		{
			case NEON_RESPONSE_ROW:
				if (reader->result == GUARD_RESULT)
					break;
				reader->told = true;
				return neon_response_row(reader->response);

			case NEON_RESPONSE_RESULT_END:
				if (reader->result == GUARD_RESULT)
				{
					reader->result++;
					break;
				}
				strlcpy(reader->command,
						neon_response_command(reader->response),
						sizeof(reader->command));

				/* the last is complete when the whole reply is */
				if (reader->result < reader->nresults - 1)
					reader->result_done = true;
				break;

			default:
				reader->result_done = true;
				break;
		}
	}
	reader->told = true;
	return NULL;
}

bool
neon_remote_next_result(NeonReader *reader)
{
	while (neon_remote_next_row(reader) != NULL)
		;
	if (reader->result == reader->nresults - 1)
		return false;
	reader->result++;
	reader->result_done = false;
	return true;
}

const char *
neon_remote_command(NeonReader *reader)
{
	return reader->command;
}

/* ---------- start and end ---------- */

static void
reader_cleanup(void *arg)
{
	neon_connection_unpin(((NeonReader *) arg)->connection);
}

/* One statement as it is, several with a semicolon between. */
static char *
join_sql(const NeonQuery *queries, int nqueries)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 0; i < nqueries; i++)
		appendStringInfo(&buf, "%s%s", i > 0 ? "; " : "", queries[i].sql);
	return buf.data;
}

static void
make_request(NeonReader *reader, const NeonQuery *queries, int nqueries)
{
	NeonQuery  *batch = palloc((nqueries + 1) * sizeof(NeonQuery));
	int			n = 0;

	neon_guard(&batch[GUARD_RESULT]);
	memcpy(batch + 1, queries, nqueries * sizeof(NeonQuery));
	reader->nresults = nqueries + 1;
	reader->ncolumns = palloc(reader->nresults * sizeof(int));
	for (int i = 0; i < reader->nresults; i++)
		reader->ncolumns[i] = batch[i].ncolumns;
	reader->sql = join_sql(queries, nqueries);
	reader->request.body = neon_request_body(batch, reader->nresults,
											 &reader->request.len);

	reader->headers[n++] = XactIsoLevel == XACT_SERIALIZABLE ?
		"Neon-Batch-Isolation-Level: Serializable" :
		"Neon-Batch-Isolation-Level: RepeatableRead";
	if (reader->connection->options->read_only_scans)
		reader->headers[n++] = "Neon-Batch-Read-Only: true";
	reader->headers[n] = NULL;
	reader->request.headers = reader->headers;
}

NeonReader *
neon_remote_read(NeonConnection *connection, const NeonQuery *queries,
				 int nqueries, NeonStats *stats)
{
	MemoryContext context;
	MemoryContext old;
	NeonReader *reader;

	context = AllocSetContextCreate(CurrentMemoryContext, "neon reader",
									ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	reader = palloc0(sizeof(NeonReader));
	reader->context = context;
	reader->connection = connection;
	neon_connection_pin(connection);
	reader->cleanup.func = reader_cleanup;
	reader->cleanup.arg = reader;
	MemoryContextRegisterResetCallback(context, &reader->cleanup);

	reader->stats = stats;
	reader->attempt = AllocSetContextCreate(context, "neon attempt",
											ALLOCSET_DEFAULT_SIZES);
	reader->deadline = NEON_NO_DEADLINE;
	make_request(reader, queries, nqueries);
	start_attempt(reader);
	MemoryContextSwitchTo(old);
	return reader;
}

void
neon_remote_close(NeonReader *reader)
{
	MemoryContextDelete(reader->context);
}
