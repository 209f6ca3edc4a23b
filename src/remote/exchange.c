/*-------------------------------------------------------------------------
 *
 * remote/exchange.c
 *		A request and its reply, sent again where that does no harm.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "compat/compat.h"
#include "http/account.h"
#include "http/wait.h"
#include "remote/ask_limit.h"
#include "remote/diagnosis.h"
#include "remote/exchange.h"
#include "remote/request_log.h"
#include "remote/retry.h"

/* An error's body beyond this would not be shown anyway. */
#define MAX_ERROR_BODY	(1024 * 1024)

static void
start_attempt(NeonExchange *exchange)
{
	MemoryContext old;

	MemoryContextReset(exchange->attempt);
	exchange->sent = 0;
	exchange->on_own_host = exchange->connection->on_own_host;
	exchange->begun = false;
	exchange->received = 0;
	exchange->complete = 0;
	exchange->logged = false;
	exchange->rows_sent += exchange->batch.rows;
	neon_activity_attempt(exchange->activity, exchange->retries + 1);
	old = MemoryContextSwitchTo(exchange->attempt);
	exchange->response = neon_response_create(exchange->batch.nresults,
											  exchange->batch.ncolumns);
	if (exchange->kind == NEON_BATCH_ALONE)
		neon_response_expect_single(exchange->response);
	exchange->transfer = neon_transfer_start(exchange->connection->client,
											 &exchange->batch.request);
	MemoryContextSwitchTo(old);
	exchange->stats->requests++;
	exchange->stats->bytes_sent += exchange->batch.request.len;
}

/* ---------- errors and retries ---------- */

void
neon_exchange_throw(NeonExchange *exchange, const NeonError *error)
{
	neon_account_error(exchange->connection, error->sqlstate);
	neon_error_throw(error, exchange->batch.sql);
}

static bool
is_expected(const NeonExchange *exchange, const NeonError *error)
{
	if (exchange->told)
		return false;
	if (exchange->expects_any ||
		(exchange->expects_too_large && error->reply_too_large))
		return true;
	if (exchange->expects_failure && neon_error_is_of_statement(error))
		return true;
	for (const int *state = exchange->expected; state && *state; state++)
	{
		if (*state == error->sqlstate)
			return true;
	}
	return false;
}

/* The exchange ends with an error: an expected one is kept, others thrown. */
static void
fail(NeonExchange *exchange, const NeonError *error)
{
	error = neon_batch_error(exchange->kind, exchange->connection, error);
	if (!is_expected(exchange, error))
		neon_exchange_throw(exchange, error);
	neon_exchange_end(exchange);
	exchange->begun = true;
	exchange->refusal = error;
}

/*
 * How long to wait before the next attempt, -1 if there must not be one:
 * when there is no time for it, this error says more than a timeout would.
 */
static int64
retry_delay(NeonExchange *exchange, const NeonError *error)
{
	if (exchange->told || !neon_may_retry(exchange->kind, error) ||
		exchange->retries >= exchange->connection->options->max_retries)
		return -1;
	return neon_retry_delay(exchange->retries, error, exchange->deadline);
}

static void
count_retry(NeonExchange *exchange, NeonRetryReason reason)
{
	exchange->stats->retries++;
	neon_account_retry(exchange->connection, reason, 1);
}

/* Starts another attempt, or fails.  The one place that retries. */
static void
retry_or_fail(NeonExchange *exchange, const NeonError *error)
{
	int64		delay = retry_delay(exchange, error);
	int64		until;

	if (delay < 0)
	{
		fail(exchange, error);
		return;
	}
	exchange->retries++;
	count_retry(exchange,
				neon_retry_reason(error,
								  neon_transfer_failure(exchange->transfer)));
	ereport(exchange->retries > 1 ? LOG : DEBUG1,
			(errcode(error->sqlstate),
			 errhidestmt(true), errhidecontext(true),
			 errmsg_internal("retrying request to server \"%s\" (attempt %d) in " INT64_FORMAT " ms: %s",
							 exchange->connection->server_name,
							 exchange->retries + 1, delay,
							 error->message ? error->message : ""),
			 error->detail ? errdetail_internal("%s", error->detail) : 0));

	/* cuts off what is left of this attempt before the pause */
	MemoryContextReset(exchange->attempt);
	neon_activity_phase(exchange->activity, NEON_PHASE_PAUSE);
	until = neon_clock() + delay;
	while (neon_clock() < until)
		neon_wait(until, NEON_PAUSE_WAIT_EVENT, &exchange->stats->wait);
	start_attempt(exchange);
}

void
neon_exchange_broken(NeonExchange *exchange)
{
	NeonError  *error;

	error = neon_error_from_problem(exchange->connection,
									neon_response_problem(exchange->response),
									neon_response_offset(exchange->response),
									neon_transfer_request_id(exchange->transfer));
	neon_exchange_throw(exchange,
						neon_batch_error(exchange->kind, exchange->connection,
										 error));
}

/* ---------- receiving ---------- */

/*
 * The deadline is for the reply to begin.  After that each pause has a limit:
 * a long reply that keeps coming, or a reader that takes its time, is no
 * reason to fail.
 */
static size_t
read_transfer(NeonExchange *exchange, const char **data)
{
	return neon_transfer_read(exchange->transfer, data,
							  exchange->begun ? NEON_NO_DEADLINE :
							  exchange->deadline,
							  neon_stall_limit(exchange->connection->options),
							  &exchange->stats->wait);
}

/*
 * read_transfer() for a commit that may be on its way: to be interrupted while
 * waiting means not to know how the commit ended.  Catching the interrupt
 * needs no subtransaction: it was thrown while this backend was waiting, when
 * it holds no lock and no buffer that only an abort would release, and
 * libcurl's callbacks do not throw.
 */
static size_t
read_commit(NeonExchange *exchange, const char **data)
{
	MemoryContext context = CurrentMemoryContext;
	volatile size_t len = 0;
	bool		throws_end = neon_wait_throw_end(true);

	PG_TRY();
	{
		len = read_transfer(exchange, data);
	}
	PG_CATCH();
	{
		ErrorData  *interrupt;

		(void) neon_wait_throw_end(throws_end);
		if (neon_transfer_attempts(exchange->transfer) == 0)
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		interrupt = CopyErrorData();
		FlushErrorState();
		exchange->stats->interrupts++;
		fail(exchange,
			 neon_error_from_interrupt(exchange->connection, interrupt,
									   neon_transfer_request_id(exchange->transfer)));
	}
	PG_END_TRY();
	(void) neon_wait_throw_end(throws_end);
	return len;
}

/* libcurl may have sent the request again, over a fresh connection. */
static void
count_sent(NeonExchange *exchange)
{
	int			sent = neon_transfer_attempts(exchange->transfer);

	if (sent > 1 && sent > exchange->sent)
	{
		int			again = sent - Max(exchange->sent, 1);

		exchange->stats->requests += again;
		exchange->stats->retries += again;
		neon_account_retry(exchange->connection, NEON_RETRY_RESENT, again);
		exchange->stats->bytes_sent += again * exchange->batch.request.len;
		ereport(DEBUG1,
				(errmsg_internal("kept connection to server \"%s\" was closed, request was sent again",
								 exchange->connection->server_name)));
	}
	exchange->sent = sent;
	if (sent > 0 && exchange->on_own_host)
		neon_connection_keep_own_host(exchange->connection);
}

/*
 * A request that was sent ahead may lie unread for long: its time begins when
 * it is waited for.
 */
void
neon_exchange_await(NeonExchange *exchange)
{
	int64		timeout;

	timeout = (int64) exchange->connection->options->request_timeout * 1000;
	if (!exchange->awaited && timeout > 0)
		exchange->deadline = Min(exchange->deadline, neon_clock() + timeout);
	exchange->awaited = true;
}

static size_t
receive(NeonExchange *exchange, const char **data)
{
	size_t		len;

	neon_exchange_await(exchange);
	len = neon_batch_runs_once(exchange->kind) ?
		read_commit(exchange, data) :
		read_transfer(exchange, data);
	exchange->stats->bytes_received += len;
	exchange->received += len;
	neon_connection_received(exchange->connection, exchange->received);
	count_sent(exchange);
	return len;
}

/* The request is too large: learns the limit, and says by how much. */
static void
take_refused_request(NeonExchange *exchange, NeonError *error)
{
	NeonError  *size_error;

	neon_connection_learn_limit(exchange->connection, error->limit,
								exchange->batch.request.len);
	size_error = neon_batch_size_error(exchange->connection, &exchange->batch);
	fail(exchange, size_error != NULL ? size_error : error);
}

/*
 * Makes the request; one that is known to be too large is not sent: to
 * continue the exchange then fails.
 */
static void
send_batch(NeonExchange *exchange, const NeonBatch *batch)
{
	exchange->instead = batch->instead;
	exchange->instead_arg = batch->instead_arg;
	neon_batch_request(exchange->connection, batch, &exchange->batch);
	if (batch->kind != NEON_BATCH_READ)
		exchange->unsent = neon_batch_size_error(exchange->connection,
												 &exchange->batch);
	if (exchange->unsent != NULL)
	{
		exchange->begun = false;
		return;
	}
	if (exchange->activity == NULL)
		exchange->activity = neon_connection_announce(exchange->connection,
													  exchange->batch.request.purpose);
	neon_activity_rows_sent(exchange->activity, exchange->batch.rows);
	exchange->batch.request.activity = exchange->activity;
	start_attempt(exchange);
}

/*
 * The request relied on a proof that failed, so that nothing of it counts:
 * sends the one that does without, within the same time.
 */
static void
send_instead(NeonExchange *exchange)
{
	NeonBatch	batch = {0};

	neon_account_retry(exchange->connection, NEON_RETRY_UNPROVED, 1);
	exchange->instead(exchange->instead_arg, &batch);
	Assert(batch.kind == exchange->kind);
	send_batch(exchange, &batch);
}

/* The reply is an error: reads it all, as far as it is worth showing. */
static void
take_error_reply(NeonExchange *exchange, const char *data, size_t len)
{
	StringInfoData body;
	NeonError  *error;
	int			status = neon_transfer_status(exchange->transfer);

	initStringInfo(&body);
	while (len > 0)
	{
		appendBinaryStringInfo(&body, data,
							   Min(len, MAX_ERROR_BODY - body.len));
		if (body.len == MAX_ERROR_BODY)
			break;
		len = receive(exchange, &data);
	}
	if (exchange->refusal != NULL)
		return;
	error = neon_error_from_reply(exchange->connection, status,
								  body.data, body.len,
								  neon_transfer_request_id(exchange->transfer));
	pfree(body.data);
	neon_exchange_log(exchange);
	if (error->reply_too_large)
		neon_connection_learn_reply_limit(exchange->connection, error->limit);
	if (error->unproved && exchange->instead != NULL && !exchange->told)
		send_instead(exchange);
	else if (exchange->kind != NEON_BATCH_READ && error->not_executed &&
			 error->limit > 0)
		take_refused_request(exchange, error);
	else
		retry_or_fail(exchange, error);
}

/* ---------- transfers that failed ---------- */

/*
 * No connection could be made.  True if another attempt has been started at
 * once, at the endpoint's own host.
 */
static bool
try_own_host(NeonExchange *exchange, const NeonFailure *failure,
			 NeonError *error)
{
	if (exchange->on_own_host || neon_clock() >= exchange->deadline ||
		!neon_connection_try_own_host(exchange->connection, failure))
		return false;
	exchange->unreachable = error;
	count_retry(exchange, NEON_RETRY_CONNECT);
	ereport(DEBUG1,
			(errcode(error->sqlstate),
			 errmsg_internal("trying the endpoint's own host of server \"%s\": %s",
							 exchange->connection->server_name,
							 error->message)));
	start_attempt(exchange);
	return true;
}

/* Neither host could be reached: tells of both. */
static NeonError *
both_unreachable(NeonExchange *exchange, NeonError *error)
{
	NeonError  *both = exchange->unreachable;

	neon_connection_leave_own_host(exchange->connection);
	exchange->unreachable = NULL;
	if (both == NULL)
		return error;
	both->detail = psprintf("%s (the endpoint's own host: %s)",
							both->detail, error->detail);
	both->transient = both->transient || error->transient;
	return both;
}

static void
take_failure(NeonExchange *exchange, const NeonFailure *failure)
{
	const char *request_id = neon_transfer_request_id(exchange->transfer);
	NeonError  *error = neon_error_from_failure(exchange->connection, failure,
												request_id);
	NeonError  *refused = NULL;

	neon_exchange_log(exchange);
	if (!failure->sent)
	{
		if (try_own_host(exchange, failure, error))
			return;
		error = both_unreachable(exchange, error);
	}
	else if (!failure->whole && !exchange->asked_limit)
	{
		exchange->asked_limit = true;
		refused = neon_ask_limit(exchange->connection,
								 &exchange->batch.request,
								 exchange->deadline, exchange->stats);
	}
	if (refused != NULL)
		take_refused_request(exchange, refused);
	else
		retry_or_fail(exchange, error);
}

static void
take_input(NeonExchange *exchange)
{
	const char *data;
	size_t		len = receive(exchange, &data);
	const NeonFailure *failure = neon_transfer_failure(exchange->transfer);
	int			status = neon_transfer_status(exchange->transfer);
	bool		is_first = !exchange->begun;

	if (exchange->refusal != NULL)
		return;
	if (is_first)
		exchange->stats->until_reply +=
			neon_transfer_trace(exchange->transfer)->replied;
	exchange->begun = true;
	if (is_first && status != 0 && status != 200)
		take_error_reply(exchange, data, len);
	else if (len > 0)
		neon_response_feed(exchange->response, data, len);
	else if (failure != NULL)
		take_failure(exchange, failure);
	else
	{
		neon_exchange_log(exchange);
		neon_exchange_end(exchange);
		neon_response_finish(exchange->response);
	}
}

void
neon_exchange_continue(NeonExchange *exchange)
{
	MemoryContext old = MemoryContextSwitchTo(exchange->context);

	if (exchange->unsent != NULL)
		fail(exchange, exchange->unsent);
	else
		take_input(exchange);
	MemoryContextSwitchTo(old);
}

/* ---------- start ---------- */

void
neon_exchange_start(NeonExchange *exchange, const NeonBatch *batch)
{
	exchange->attempt = AllocSetContextCreate(exchange->context,
											  "neon attempt",
											  ALLOCSET_DEFAULT_SIZES);
	exchange->deadline = NEON_NO_DEADLINE;
	exchange->kind = batch->kind;
	send_batch(exchange, batch);
}

void
neon_exchange_log(NeonExchange *exchange)
{
	const char *name = exchange->connection->server_name;

	if (exchange->transfer != NULL && !exchange->logged)
		exchange->logged = neon_log_slow_request(exchange->transfer, name,
												 exchange->retries + 1);
}

void
neon_exchange_end(NeonExchange *exchange)
{
	if (exchange->activity == NULL)
		return;
	if (exchange->transfer != NULL)
		neon_transfer_unwatch(exchange->transfer);
	neon_activity_end(exchange->activity);
	exchange->activity = NULL;
	exchange->batch.request.activity = NULL;
}
