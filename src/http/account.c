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

void
neon_account_retry(NeonConnection *connection, NeonRetryReason reason, int n)
{
	NeonTotals *totals = neon_totals_lock(&connection->totals);

	if (totals != NULL)
	{
		totals->retries[reason] += n;
		neon_totals_unlock(&connection->totals);
	}
	neon_stats_retry(connection->stats, n);
}

void
neon_account_error(NeonConnection *connection, int sqlstate)
{
	NeonTotals *totals = neon_totals_lock(&connection->totals);

	if (totals != NULL)
	{
		neon_totals_error(totals, sqlstate);
		neon_totals_unlock(&connection->totals);
	}
	neon_stats_error(connection->stats, sqlstate);
}

void
neon_account_rows(NeonConnection *connection, int64 sent, int64 received)
{
	NeonTotals *totals;

	if (sent == 0 && received == 0)
		return;
	totals = neon_totals_lock(&connection->totals);
	if (totals == NULL)
		return;
	totals->rows_sent += sent;
	totals->rows_received += received;
	neon_totals_unlock(&connection->totals);
}

void
neon_account_piece(NeonConnection *connection)
{
	NeonTotals *totals = neon_totals_lock(&connection->totals);

	if (totals == NULL)
		return;
	totals->pieces++;
	neon_totals_unlock(&connection->totals);
}

void
neon_account_spill(NeonConnection *connection, int64 rows)
{
	NeonTotals *totals = neon_totals_lock(&connection->totals);

	if (totals == NULL)
		return;
	totals->spills++;
	totals->spilled_rows += rows;
	neon_totals_unlock(&connection->totals);
}
