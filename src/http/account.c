/*-------------------------------------------------------------------------
 *
 * http/account.c
 *		Counts what happens to a connection's requests, for this session and for
 *		all.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "http/account.h"

NeonActivity *
neon_connection_announce(NeonConnection *connection,
						 NeonRequestPurpose purpose)
{
	return neon_activity_begin(connection->serverid,
							   connection->totals.key.userid,
							   connection->server_name, purpose);
}

typedef struct Retry
{
	NeonRetryReason reason;
	int			n;
} Retry;

static void
add_retry(NeonTotals *totals, const void *arg)
{
	const Retry *retry = arg;

	totals->retries[retry->reason] += retry->n;
}

void
neon_account_retry(NeonConnection *connection, NeonRetryReason reason, int n)
{
	Retry		retry = {reason, n};

	neon_totals_change(&connection->totals, add_retry, &retry);
}

static void
add_error(NeonTotals *totals, const void *arg)
{
	int			sqlstate = *(const int *) arg;

	totals->errors++;
	if (sqlstate == ERRCODE_T_R_SERIALIZATION_FAILURE)
		totals->serialization_failures++;
	else if (sqlstate == ERRCODE_TRANSACTION_RESOLUTION_UNKNOWN)
		totals->unknown_outcomes++;
	neon_totals_add_class(totals, ERRCODE_TO_CATEGORY(sqlstate), 1);
}

void
neon_account_error(NeonConnection *connection, int sqlstate)
{
	neon_totals_change(&connection->totals, add_error, &sqlstate);
}

typedef struct Rows
{
	int64		sent;
	int64		received;
} Rows;

static void
add_rows(NeonTotals *totals, const void *arg)
{
	const Rows *rows = arg;

	totals->rows_sent += rows->sent;
	totals->rows_received += rows->received;
}

void
neon_account_rows(NeonConnection *connection, int64 sent, int64 received)
{
	Rows		rows = {sent, received};

	if (sent != 0 || received != 0)
		neon_totals_change(&connection->totals, add_rows, &rows);
}

static void
add_piece(NeonTotals *totals, const void *arg)
{
	totals->pieces++;
}

void
neon_account_piece(NeonConnection *connection)
{
	neon_totals_change(&connection->totals, add_piece, NULL);
}

static void
add_spill(NeonTotals *totals, const void *arg)
{
	totals->spills++;
	totals->spilled_rows += *(const int64 *) arg;
}

void
neon_account_spill(NeonConnection *connection, int64 rows)
{
	neon_totals_change(&connection->totals, add_spill, &rows);
}
