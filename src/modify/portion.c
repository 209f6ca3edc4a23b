/*-------------------------------------------------------------------------
 *
 * modify/portion.c
 *		Rows that are committed at once, in as many portions as the endpoint's
 *		limit requires.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "compat/compat.h"
#include "deparse/check.h"
#include "http/connection.h"
#include "http/wait.h"
#include "modify/abandon.h"
#include "modify/portion.h"
#include "remote/diagnosis.h"
#include "transaction/transaction.h"

/*
 * How much of the endpoint's limit the text of rows may fill.  The rest is for
 * what JSON escapes in that text, and for the remainder of the request.
 */
#define PORTION_SHARE	0.7

/* Rows whose text is smaller than this are not divided any further. */
#define MIN_PORTION	(256 * 1024)

/* Assumed as long as the endpoint has not named its limit: its default. */
#define DEFAULT_LIMIT	(10 * 1024 * 1024)

/*
 * Whenever so many bytes have been gathered, the request on its way goes on.
 */
#define PUMP_BYTES		(16 * 1024)

/* No endpoint takes more in one request. */
#define MAX_REQUEST		(512 * 1024 * 1024)

/* SQLSTATEs of a request that is too large. */
static const int expected[] = {ERRCODE_PROGRAM_LIMIT_EXCEEDED, 0};

/* ---------- one request ---------- */

void
neon_portion_query(NeonModify *modify, NeonRows *rows, NeonQuery *query)
{
	int			n = rows->ncolumns + 1;
	char	   *sql;

	query->ncolumns = 1;
	if (modify->operation == CMD_INSERT)
	{
		neon_rows_params(rows, query, false);
		query->sql = neon_modify_insert_sql(&modify->sql, rows->shape, NULL);
		query->ncolumns = 0;
		return;
	}
	neon_rows_params(rows, query, true);
	sql = neon_modify_change_sql(&modify->sql, rows->shape, "1", false);
	query->sql = neon_check_sql(sql, psprintf("count(*) = $%d::bigint", n),
								"a row was changed by another transaction");
	query->shown = sql;
}

/* In the current memory context. */
static NeonReader *
send_rows(NeonModify *modify, NeonRows *rows)
{
	NeonQuery	query = {0};
	NeonReader *reader;

	neon_portion_query(modify, rows, &query);
	reader = neon_transaction_run(modify->user, &query, 1, &modify->stats);
	neon_rows_reopen(rows);
	return reader;
}

/* Waits for the end; returns false if it is too much for the endpoint. */
static bool
finish_rows(NeonReader *reader, const NeonRows *rows)
{
	bool		fits = neon_remote_expect(reader, expected) == NULL;

	if (!fits &&
		(rows->count == 1 || neon_rows_size(rows) < MIN_PORTION))
		neon_remote_refuse(reader);
	while (fits && neon_remote_next_result(reader))
		;
	neon_remote_close(reader);
	return fits;
}

/* ---------- as many as it takes ---------- */

/* How many of the rows are likely to fit into a request. */
static int64
portion_of(NeonModify *modify, const NeonRows *rows)
{
	int64		limit = neon_connection_get(modify->user)->request_limit;
	double		share;

	if (limit == 0)
		return rows->count;
	share = limit * PORTION_SHARE / Max(neon_rows_size(rows), 1);
	return share >= 1 ? rows->count : Max((int64) (rows->count * share), 1);
}

void
neon_portion_run(NeonModify *modify, NeonRows *rows)
{
	int64		n = portion_of(modify, rows);

	while (rows->count > 0)
	{
		MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
													  "neon portion",
													  ALLOCSET_DEFAULT_SIZES);
		MemoryContext old = MemoryContextSwitchTo(context);
		NeonRows	portion;

		if (n >= rows->count)
		{
			if (finish_rows(send_rows(modify, rows), rows))
				rows->count = 0;
			else
				n = Min(Max(rows->count / 2, 1), portion_of(modify, rows));
		}
		else
		{
			neon_rows_split(rows, n, &portion);
			neon_portion_run(modify, &portion);
		}
		MemoryContextSwitchTo(old);
		MemoryContextDelete(context);
	}
}

/* ---------- while others are gathered ---------- */

/* Waits for the portion that is on its way. */
static void
finish_portion(NeonPending *pending)
{
	NeonWrites *writes = (NeonWrites *) pending;
	NeonModify *modify = writes->owner;

	modify->sending = false;
	modify->full_size = 0;
	modify->lost = true;
	if (!finish_rows(writes->reader, &writes->rows))
		neon_portion_run(modify, &writes->rows);
	modify->lost = false;
	MemoryContextDelete(writes->context);
}

/* Lets the request on its way go on, without waiting for anything. */
static void
pump(NeonModify *modify, size_t size)
{
	modify->pumped = size;
	neon_wait_nothing(neon_phase_wait_event(NEON_PHASE_WAIT,
											NEON_PURPOSE_OTHER),
					  &modify->stats.wait);
}

void
neon_portion_start(NeonWrites *writes)
{
	NeonModify *modify = writes->owner;
	MemoryContext old = MemoryContextSwitchTo(writes->context);

	writes->reader = send_rows(modify, &writes->rows);
	MemoryContextSwitchTo(old);
	writes->pending.flush = finish_portion;
	writes->pending.abandon = neon_abandon;
	neon_pending_add(&writes->pending);
	modify->sending = true;
}

void
neon_portion_leave(NeonModify *modify)
{
	neon_abandon_watch();
	pump(modify, 0);
}

/*
 * The size at which something is to be done.  What waits for the commit need
 * not be gathered to its end if it is too large for one request.
 */
static size_t
find_full_size(NeonModify *modify)
{
	int64		limit = neon_connection_get(modify->user)->request_limit;

	if (modify->streams)
		return (limit > 0 ? limit : DEFAULT_LIMIT) * PORTION_SHARE;
	if (modify->autocommit)
		return SIZE_MAX;
	return limit > 0 ? limit : MAX_REQUEST;
}

pg_noreturn static void
refuse(NeonModify *modify, size_t size)
{
	NeonConnection *connection = neon_connection_get(modify->user);

	neon_error_throw(neon_error_request_size(connection, size,
											 connection->request_limit),
					 NULL);
}

bool
neon_portion_is_full(NeonModify *modify, const NeonRows *rows)
{
	size_t		size = neon_rows_size(rows);

	if (modify->full_size == 0)
		modify->full_size = find_full_size(modify);
	if (modify->sending && size >= modify->pumped + PUMP_BYTES)
		pump(modify, size);
	if (size <= modify->full_size)
		return false;
	if (!modify->streams)
		refuse(modify, size);
	return true;
}
