/*-------------------------------------------------------------------------
 *
 * remote/remote.c
 *		Run a batch on the endpoint and hand out its results.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/string.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/ipc.h"

#include "compat/compat.h"
#include "http/account.h"
#include "http/wait.h"
#include "remote/exchange.h"
#include "remote/remote.h"

#define MAX_COMMAND		64

struct NeonReader
{
	NeonExchange exchange;
	MemoryContextCallback cleanup;

	bool		peeked;			/* the decoder's next event is known */
	NeonResponseEvent event;

	int			result;			/* the wanted one that the caller is at, from
								 * 0 */
	bool		result_done;
	char		command[MAX_COMMAND];
	int64		rowcount;
	char	   *fields;			/* NULL: it is not complete */
};

/* ---------- expected errors ---------- */

static const NeonError *
wait_for_reply(NeonReader *reader)
{
	NeonExchange *exchange = &reader->exchange;

	while (!exchange->begun)
		neon_exchange_continue(exchange);
	exchange->expected = NULL;
	exchange->expects_too_large = false;
	exchange->expects_failure = false;
	return exchange->refusal;
}

const NeonError *
neon_remote_expect(NeonReader *reader, const int *expected)
{
	reader->exchange.expected = expected;
	return wait_for_reply(reader);
}

bool
neon_remote_fits(NeonReader *reader, int64 *limit)
{
	const NeonError *error;

	reader->exchange.expects_too_large = true;
	error = wait_for_reply(reader);
	if (error != NULL && limit != NULL)
		*limit = error->limit;
	return error == NULL;
}

bool
neon_remote_works(NeonReader *reader)
{
	reader->exchange.expects_too_large = true;
	reader->exchange.expects_failure = true;
	return wait_for_reply(reader) == NULL;
}

void
neon_remote_refuse(NeonReader *reader)
{
	Assert(reader->exchange.refusal != NULL);
	neon_exchange_throw(&reader->exchange, reader->exchange.refusal);
}

void
neon_remote_limit(NeonReader *reader, int64 milliseconds)
{
	reader->exchange.deadline = Min(reader->exchange.deadline,
									neon_clock() + milliseconds);
}

/* The deadline that is over already keeps the exchange from another attempt. */
const NeonError *
neon_remote_settle(NeonReader *reader, int64 milliseconds, NeonStats *stats)
{
	NeonExchange *exchange = &reader->exchange;
	int64		until = neon_clock() + milliseconds;
	int64		unused = NEON_NO_DEADLINE;

	exchange->stats = stats;
	while (!neon_remote_ready(reader, &unused) && neon_clock() < until &&
		   !QueryCancelPending && !ProcDiePending && !proc_exit_inprogress)
		neon_wait(until, neon_phase_wait_event(NEON_PHASE_WAIT,
											   NEON_PURPOSE_COMMIT),
				  &stats->wait);
	exchange->expects_any = true;
	exchange->asked_limit = true;
	exchange->deadline = neon_clock();
	return wait_for_reply(reader);
}

void
neon_remote_piece(NeonReader *reader, int piece, int pieces)
{
	neon_activity_piece(reader->exchange.activity, piece, pieces);
	neon_account_piece(reader->exchange.connection);
}

bool
neon_remote_arrived(const NeonReader *reader)
{
	return reader->exchange.transfer != NULL &&
		neon_transfer_arrived(reader->exchange.transfer);
}

int64
neon_remote_received(NeonReader *reader)
{
	return reader->exchange.received;
}

/* ---------- results ---------- */

/* Does the reply come to the result that the caller is at? */
static bool
is_at_result(const NeonReader *reader)
{
	const NeonExchange *exchange = &reader->exchange;

	return exchange->complete == exchange->batch.first + reader->result;
}

/* What the decoder finds in what it was fed. */
static NeonResponseEvent
decode(NeonReader *reader)
{
	MemoryContext old;
	NeonResponseEvent event;

	if (reader->peeked)
	{
		reader->peeked = false;
		return reader->event;
	}
	old = MemoryContextSwitchTo(reader->exchange.attempt);
	event = neon_response_next(reader->exchange.response);
	MemoryContextSwitchTo(old);
	return event;
}

bool
neon_remote_ready(NeonReader *reader, int64 *deadline)
{
	NeonExchange *exchange = &reader->exchange;

	if (reader->result_done || reader->peeked || exchange->refusal != NULL ||
		exchange->unsent != NULL)
		return true;
	neon_exchange_await(exchange);
	reader->event = decode(reader);
	if (reader->event != NEON_RESPONSE_NEED_INPUT)
		reader->peeked = true;
	else if (!neon_transfer_ready(exchange->transfer) &&
			 (exchange->begun || neon_clock() < exchange->deadline))
	{
		if (!exchange->begun)
			*deadline = Min(*deadline, exchange->deadline);
		return false;
	}
	return true;
}

/*
 * Reads on to the next ROW, RESULT_END or END, and deals with everything else.
 */
static NeonResponseEvent
next_event(NeonReader *reader)
{
	NeonExchange *exchange = &reader->exchange;

	for (;;)
	{
		NeonResponseEvent event;

		if (exchange->refusal != NULL)
			neon_exchange_throw(exchange, exchange->refusal);
		if (exchange->unsent != NULL)
			neon_exchange_continue(exchange);
		event = decode(reader);
		if (event == NEON_RESPONSE_BROKEN)
			neon_exchange_broken(exchange);
		if (event != NEON_RESPONSE_NEED_INPUT)
			return event;
		neon_exchange_continue(exchange);
	}
}

/*
 * A result is complete.  That of the closing ROLLBACK is the proof that
 * nothing of a rehearsal stays.
 */
static void
end_result(NeonReader *reader)
{
	NeonExchange *exchange = &reader->exchange;
	const char *command = neon_response_command(exchange->response);

	if (is_at_result(reader))
	{
		strlcpy(reader->command, command, sizeof(reader->command));
		reader->rowcount = neon_response_rowcount(exchange->response);
		reader->fields = MemoryContextStrdup(exchange->context,
											 neon_response_fields(exchange->response));

		/* the last is complete when the whole reply is */
		reader->result_done = exchange->complete < exchange->batch.last;
	}
	else if (exchange->complete > exchange->batch.last &&
			 strcmp(command, "ROLLBACK") == 0)
		neon_connection_rolled_back(exchange->connection);
	else if (exchange->complete > exchange->batch.last)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_ERROR),
				 errmsg("endpoint of server \"%s\" did not roll back what it was only asked to try",
						exchange->connection->server_name),
				 errhint("Look at the remote data: a statement may have been committed.")));
	exchange->complete++;
}

/* A row of another result than the one that the caller is at. */
static void
pass_row(NeonExchange *exchange)
{
	const NeonBatchRequest *batch = &exchange->batch;

	if (batch->before_row != NULL && exchange->complete >= batch->before &&
		exchange->complete < batch->first)
		batch->before_row(batch->before_arg,
						  exchange->complete - batch->before,
						  neon_response_row(exchange->response));
}

const NeonRow *
neon_remote_next_row(NeonReader *reader)
{
	NeonExchange *exchange = &reader->exchange;

	while (!reader->result_done)
	{
		switch (next_event(reader))
		{
			case NEON_RESPONSE_ROW:
				if (!is_at_result(reader))
				{
					pass_row(exchange);
					break;
				}
				exchange->told = true;
				exchange->rows_received++;
				neon_activity_row(exchange->activity);
				return neon_response_row(exchange->response);

			case NEON_RESPONSE_RESULT_END:
				end_result(reader);
				break;

			default:
				reader->result_done = true;
				break;
		}
	}
	exchange->told = true;
	return NULL;
}

bool
neon_remote_next_result(NeonReader *reader)
{
	while (neon_remote_next_row(reader) != NULL)
		;
	if (reader->result ==
		reader->exchange.batch.last - reader->exchange.batch.first)
		return false;
	reader->result++;
	reader->result_done = false;
	reader->fields = NULL;
	return true;
}

const char *
neon_remote_fields(NeonReader *reader)
{
	if (reader->fields != NULL)
		return reader->fields;
	return reader->exchange.response == NULL ? "" :
		neon_response_fields(reader->exchange.response);
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
	NeonExchange *exchange = &((NeonReader *) arg)->exchange;

	exchange->transfer = NULL;	/* its memory is gone */
	neon_exchange_end(exchange);
	neon_account_rows(exchange->connection, exchange->rows_sent,
					  exchange->rows_received);
	neon_connection_release(exchange->connection);
}

static bool
is_ascii(const NeonQuery *query)
{
	if (!pg_is_ascii(query->sql))
		return false;
	for (int i = 0; i < query->nparams; i++)
	{
		if (query->params[i] != NULL && !pg_is_ascii(query->params[i]))
			return false;
	}
	return true;
}

/*
 * No guard stands before a statement that is sent alone, so what it says is
 * read in the encoding that the remote role or database has set.  The
 * statement is not sent if that would make other text of it.
 */
static void
check_encoding(NeonConnection *connection, NeonStats *stats)
{
	static const NeonQuery query = {.sql = "SHOW client_encoding",.ncolumns = 1};
	NeonBatch	batch = {NEON_BATCH_ALONE, NULL, 0, &query, 1};
	NeonReader *reader = neon_remote_run(connection, &batch, stats);
	const NeonRow *row = neon_remote_next_row(reader);
	const char *name = row != NULL && row->values[0] != NULL ?
		pstrdup(row->values[0]) : "";

	(void) neon_remote_finish(reader);
	if (pg_char_to_encoding(name) != PG_UTF8)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot send text that is not ASCII outside of a remote transaction"),
				 errdetail("The setting \"client_encoding\" of the remote role or database is \"%s\", not \"UTF8\".",
						   name),
				 errhint("Set \"client_encoding\" to \"UTF8\" there, or run the statement in a transaction.")));
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
	reader->exchange.context = context;
	reader->exchange.connection = connection;
	neon_connection_hold(connection);
	reader->cleanup.func = reader_cleanup;
	reader->cleanup.arg = reader;
	MemoryContextRegisterResetCallback(context, &reader->cleanup);

	if (batch->kind == NEON_BATCH_ALONE && !is_ascii(&batch->queries[0]))
		check_encoding(connection, stats);
	reader->exchange.stats = stats;
	neon_exchange_start(&reader->exchange, batch);
	reader->rowcount = -1;
	MemoryContextSwitchTo(old);
	return reader;
}

static NeonReader *
run_reads(NeonConnection *connection, const NeonQuery *queries, int nqueries,
		  bool catalog, NeonStats *stats)
{
	NeonBatch	batch = {0};

	batch.kind = NEON_BATCH_READ;
	batch.catalog = catalog;
	batch.queries = queries;
	batch.nqueries = nqueries;
	return neon_remote_run(connection, &batch, stats);
}

NeonReader *
neon_remote_read(NeonConnection *connection, const NeonQuery *queries,
				 int nqueries, NeonStats *stats)
{
	return run_reads(connection, queries, nqueries, false, stats);
}

NeonReader *
neon_remote_look_up(NeonConnection *connection, const NeonQuery *queries,
					int nqueries, NeonStats *stats)
{
	return run_reads(connection, queries, nqueries, true, stats);
}

void
neon_remote_close(NeonReader *reader)
{
	neon_exchange_log(&reader->exchange);
	MemoryContextDelete(reader->exchange.context);
}

int64
neon_remote_finish(NeonReader *reader)
{
	int64		rows;

	while (neon_remote_next_result(reader))
		;
	rows = reader->rowcount;
	neon_remote_close(reader);
	return Max(rows, 0);
}
