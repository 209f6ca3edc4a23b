/*-------------------------------------------------------------------------
 *
 * remote/remote.c
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

#include "lib/stringinfo.h"

#include "compat/compat.h"
#include "http/wait.h"
#include "remote/error.h"
#include "remote/remote.h"
#include "remote/retry.h"

/* An error's body beyond this would not be shown anyway. */
#define MAX_ERROR_BODY	(1024 * 1024)

#define MAX_COMMAND		64

/* How the endpoint refuses a request or a reply over its limit. */
#define HTTP_REQUEST_TOO_LARGE	413
#define HTTP_REPLY_TOO_LARGE	507

struct NeonReader
{
	MemoryContext context;		/* holds all of it */
	MemoryContextCallback cleanup;
	NeonConnection *connection; /* pinned */
	NeonStats  *stats;

	/* the request, kept for another attempt */
	NeonBatchKind kind;
	NeonBatchRequest batch;
	bool		awaited;		/* somebody has waited for the reply */
	int64		deadline;		/* for it to begin, all attempts */

	/* this attempt */
	MemoryContext attempt;
	NeonTransfer *transfer;
	NeonResponse *response;
	int			sent;			/* times libcurl sent it, as far as counted */
	bool		begun;			/* the reply has */
	int			at;				/* the result that arrives */

	int64		received;		/* bytes of its body */
	bool		may_be_too_large;	/* the caller asks whether it is */
	NeonError  *too_large;		/* it is */

	int			retries;
	bool		told;			/* the caller knows something of the reply */
	int			result;			/* the one that the caller is at */
	bool		result_done;
	char		command[MAX_COMMAND];
	int64		rowcount;
	char	   *fields;			/* NULL: it is not complete */
};

static void
start_attempt(NeonReader *reader)
{
	MemoryContext old;

	MemoryContextReset(reader->attempt);
	reader->sent = 0;
	reader->begun = false;
	reader->received = 0;
	reader->at = 0;
	old = MemoryContextSwitchTo(reader->attempt);
	reader->response = neon_response_create(reader->batch.nresults,
											reader->batch.ncolumns);
	if (reader->kind == NEON_BATCH_ALONE)
		neon_response_expect_single(reader->response);
	reader->transfer = neon_transfer_start(reader->connection->client,
										   &reader->batch.request);
	MemoryContextSwitchTo(old);
	reader->stats->requests++;
	reader->stats->bytes_sent += reader->batch.request.len;
}

/* ---------- errors and retries ---------- */

pg_noreturn static void
throw_error(NeonReader *reader, const NeonError *error)
{
	error = neon_batch_error(reader->kind, reader->connection, error);
	neon_stats_error(reader->connection->stats, error->sqlstate);
	neon_error_throw(error, reader->batch.sql);
}

/*
 * How long to wait before the next attempt, -1 if there must not be one:
 * when there is no time for it, this error says more than a timeout would.
 */
static int64
retry_delay(NeonReader *reader, const NeonError *error)
{
	if (reader->told || !neon_may_retry(reader->kind, error) ||
		reader->retries >= reader->connection->options->max_retries)
		return -1;
	return neon_retry_delay(reader->retries, reader->deadline);
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

/*
 * The limit is for the reply to begin, and then for each piece of it: a long
 * reply that keeps coming, or a reader that takes its time, is no reason to
 * fail.
 */
static size_t
read_transfer(NeonReader *reader, const char **data, int64 timeout)
{
	return neon_transfer_read(reader->transfer, data,
							  reader->begun ? NEON_NO_DEADLINE : reader->deadline,
							  reader->begun ? timeout : 0,
							  &reader->stats->wait);
}

/*
 * The same for a commit that may be on its way: to be interrupted while
 * waiting means not to know how it ended.
 */
static size_t
read_commit(NeonReader *reader, const char **data, int64 timeout)
{
	MemoryContext context = CurrentMemoryContext;
	volatile size_t len = 0;

	PG_TRY();
	{
		len = read_transfer(reader, data, timeout);
	}
	PG_CATCH();
	{
		ErrorData  *interrupt;

		if (neon_transfer_attempts(reader->transfer) == 0)
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		interrupt = CopyErrorData();
		FlushErrorState();
		reader->stats->interrupts++;
		throw_error(reader,
					neon_error_from_interrupt(reader->connection, interrupt,
											  neon_transfer_request_id(reader->transfer)));
	}
	PG_END_TRY();
	return len;
}

static size_t
receive(NeonReader *reader, const char **data)
{
	int64		timeout;
	size_t		len;
	int			sent;

	timeout = (int64) reader->connection->options->request_timeout * 1000;

	/* What was sent ahead may have to wait for its turn to be read. */
	if (!reader->awaited && timeout > 0)
		reader->deadline = Min(reader->deadline, neon_clock() + timeout);
	reader->awaited = true;
	len = neon_batch_runs_once(reader->kind) ?
		read_commit(reader, data, timeout) :
		read_transfer(reader, data, timeout);
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
		reader->stats->bytes_sent += again * reader->batch.request.len;
		ereport(DEBUG1,
				(errmsg_internal("kept connection to server \"%s\" was closed, request was sent again",
								 reader->connection->server_name)));
	}
	reader->sent = sent;
	return len;
}

/* "... is too large (max is 67108864 bytes)"; 0 if it does not say. */
static int64
limit_in(const NeonError *error)
{
	const char *number = error->message == NULL ? NULL :
		strpbrk(error->message, "0123456789");

	return number != NULL ? strtoll(number, NULL, 10) : 0;
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
	if (reader->kind != NEON_BATCH_READ &&
		neon_transfer_status(reader->transfer) == HTTP_REQUEST_TOO_LARGE)
	{
		reader->connection->request_limit = limit_in(error);
		neon_batch_check_size(reader->connection, &reader->batch);
	}
	if (reader->may_be_too_large &&
		neon_transfer_status(reader->transfer) == HTTP_REPLY_TOO_LARGE)
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

	reader->may_be_too_large = true;
	while (!reader->begun)
		feed(reader);
	reader->may_be_too_large = false;
	MemoryContextSwitchTo(old);
	if (reader->too_large == NULL)
		return true;
	*limit = limit_in(reader->too_large);
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

/*
 * A result is complete.  That of the closing ROLLBACK is the proof that
 * nothing of a rehearsal stays.
 */
static void
end_result(NeonReader *reader)
{
	const char *command = neon_response_command(reader->response);

	if (reader->at == reader->result)
	{
		strlcpy(reader->command, command, sizeof(reader->command));
		reader->rowcount = neon_response_rowcount(reader->response);
		reader->fields = MemoryContextStrdup(reader->context,
											 neon_response_fields(reader->response));

		/* the last is complete when the whole reply is */
		reader->result_done = reader->at < reader->batch.last;
	}
	else if (reader->at > reader->batch.last &&
			 strcmp(command, "ROLLBACK") == 0)
		neon_batch_rolled_back(reader->connection);
	else if (reader->at > reader->batch.last)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_ERROR),
				 errmsg("endpoint of server \"%s\" did not roll back what it was only asked to try",
						reader->connection->server_name),
				 errhint("Look at the remote data: a statement may have been committed.")));
	reader->at++;
}

const NeonRow *
neon_remote_next_row(NeonReader *reader)
{
	while (!reader->result_done)
	{
		switch (next_event(reader))
		{
			case NEON_RESPONSE_ROW:
				if (reader->at != reader->result)
					break;
				reader->told = true;
				return neon_response_row(reader->response);

			case NEON_RESPONSE_RESULT_END:
				end_result(reader);
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
	if (reader->result == reader->batch.last)
		return false;
	reader->result++;
	reader->result_done = false;
	reader->fields = NULL;
	return true;
}

const char *
neon_remote_fields(NeonReader *reader)
{
	return reader->fields != NULL ? reader->fields :
		neon_response_fields(reader->response);
}

int64
neon_remote_rowcount(NeonReader *reader)
{
	return reader->rowcount;
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

NeonReader *
neon_remote_run(NeonConnection *connection, const NeonBatch *batch,
				NeonStats *stats)
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
	reader->kind = batch->kind;
	neon_batch_request(connection, batch, &reader->batch);
	reader->result = reader->batch.first;
	reader->rowcount = -1;
	start_attempt(reader);
	MemoryContextSwitchTo(old);
	return reader;
}

NeonReader *
neon_remote_read(NeonConnection *connection, const NeonQuery *queries,
				 int nqueries, NeonStats *stats)
{
	NeonBatch	batch = {0};

	batch.kind = NEON_BATCH_READ;
	batch.queries = queries;
	batch.nqueries = nqueries;
	return neon_remote_run(connection, &batch, stats);
}

void
neon_remote_close(NeonReader *reader)
{
	MemoryContextDelete(reader->context);
}
