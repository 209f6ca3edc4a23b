/*-------------------------------------------------------------------------
 *
 * transaction/ledger.c
 *		A remote table that tells whether a transaction was committed.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/uuid.h"

#include "compat/compat.h"
#include "transaction/ledger.h"

void
neon_ledger_token(char token[NEON_LEDGER_TOKEN_SIZE])
{
	unsigned char random[UUID_LEN];
	int			n = 0;

	if (!pg_strong_random(random, UUID_LEN))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random values")));
	for (int i = 0; i < UUID_LEN; i++)
	{
		if (i == 4 || i == 6 || i == 8 || i == 10)
			token[n++] = '-';
		n += sprintf(token + n, "%02x", random[i]);
	}
}

void
neon_ledger_query(NeonQuery *query, const char *table, const char *token)
{
	memset(query, 0, sizeof(NeonQuery));
	query->sql = psprintf("INSERT INTO %s (token) VALUES ($1::uuid)", table);
	query->nparams = 1;
	query->params = neon_one_param(token);
	query->ncolumns = 0;
}

/*
 * The insertion waits for a commit that is still going on.  If that succeeds,
 * this transaction cannot see its row and fails with 40001; the next attempt
 * sees it.
 */
bool
neon_ledger_is_committed(NeonConnection *connection, const char *token,
						 NeonStats *stats)
{
	const char *table = connection->options->commit_ledger;
	NeonQuery	queries[2] = {0};
	NeonBatch	batch = {0};
	NeonReader *reader;
	const NeonRow *row;
	bool		committed;

	queries[0].sql = psprintf("INSERT INTO %s (token, committed) VALUES ($1::uuid, false)"
							  " ON CONFLICT (token) DO NOTHING", table);
	queries[0].nparams = 1;
	queries[0].params = neon_one_param(token);
	queries[1].sql = psprintf("SELECT committed FROM %s WHERE token = $1::uuid",
							  table);
	queries[1].nparams = 1;
	queries[1].params = queries[0].params;
	queries[1].ncolumns = 1;
	batch.kind = NEON_BATCH_REPEATABLE;
	batch.queries = queries;
	batch.nqueries = 2;
	reader = neon_remote_run(connection, &batch, stats);
	(void) neon_remote_next_result(reader);
	row = neon_remote_next_row(reader);
	if (row == NULL || row->values[0] == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_TRANSACTION_RESOLUTION_UNKNOWN),
				 errmsg("the commit ledger of server \"%s\" has lost a transaction",
						connection->server_name)));
	committed = strcmp(row->values[0], "t") == 0;
	(void) neon_remote_next_row(reader);
	neon_remote_close(reader);
	return committed;
}
