/*-------------------------------------------------------------------------
 *
 * functions/ledger_table.c
 *		SQL functions that create the commit ledger and delete its old entries.
 *
 * Both act at once, whatever becomes of the local transaction: commits that
 * need the ledger must not wait for another commit.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "compat/compat.h"
#include "functions/function.h"
#include "remote/remote.h"

/*
 * An entry must stay as long as a session may look it up: an entry that is
 * gone reads as a commit that has not happened, and the session would commit
 * again.  No session looks up an entry after an hour.
 */
#define MIN_AGE		USECS_PER_HOUR

PG_FUNCTION_INFO_V1(neon_http_ledger_create);
PG_FUNCTION_INFO_V1(neon_http_ledger_prune);

static const char *
ledger_table(NeonConnection *connection)
{
	if (connection->options->commit_ledger == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("server \"%s\" has no commit ledger",
						connection->server_name),
				 errhint("Set option \"commit_ledger\" of the server to the name of a table, such as \"public.neon_http_commits\".")));
	return connection->options->commit_ledger;
}

static NeonReader *
run(NeonConnection *connection, const NeonQuery *queries, int nqueries,
	NeonStats *stats)
{
	NeonBatch	batch = {NEON_BATCH_REPEATABLE, NULL, 0, queries, nqueries};

	return neon_remote_run(connection, &batch, stats);
}

Datum
neon_http_ledger_create(PG_FUNCTION_ARGS)
{
	NeonConnection *connection;
	const char *table;
	NeonQuery	queries[2] = {0};
	NeonStats	stats = {0};
	NeonReader *reader;

	PreventCommandIfReadOnly("neon_http_ledger_create()");
	connection = neon_connection_get(neon_function_mapping(NameStr(*PG_GETARG_NAME(0))));
	table = ledger_table(connection);
	queries[0].sql = psprintf("CREATE TABLE IF NOT EXISTS %s ("
							  "token uuid PRIMARY KEY, "
							  "committed boolean NOT NULL DEFAULT true, "
							  "at timestamptz NOT NULL DEFAULT now())", table);
	/* fails if a table of this name exists that is no ledger */
	queries[1].sql = psprintf("EXPLAIN INSERT INTO %s (token, committed, at)"
							  " VALUES (NULL::uuid, false, now())"
							  " ON CONFLICT (token) DO NOTHING", table);
	queries[1].ncolumns = 1;
	reader = run(connection, queries, 2, &stats);
	(void) neon_remote_finish(reader);
	PG_RETURN_VOID();
}

static void
check_age(const Interval *age)
{
	double		usecs = age->time + USECS_PER_DAY *
		((double) age->day + (double) age->month * DAYS_PER_MONTH);

	if (usecs < MIN_AGE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("entries of a commit ledger are kept for at least one hour"),
				 errdetail("A transaction whose entry is gone counts as not committed.")));
}

Datum
neon_http_ledger_prune(PG_FUNCTION_ARGS)
{
	Interval   *age = PG_GETARG_INTERVAL_P(1);
	NeonConnection *connection;
	NeonQuery	query = {0};
	NeonStats	stats = {0};
	NeonReader *reader;
	const NeonRow *row;
	int64		count = 0;

	PreventCommandIfReadOnly("neon_http_ledger_prune()");
	connection = neon_connection_get(neon_function_mapping(NameStr(*PG_GETARG_NAME(0))));
	check_age(age);
	query.sql = psprintf("WITH d AS (DELETE FROM %s"
						 " WHERE at < now() - $1::interval RETURNING 1)"
						 " SELECT count(*) FROM d", ledger_table(connection));
	query.nparams = 1;
	query.params = neon_one_param(neon_function_interval(age));
	query.ncolumns = 1;
	reader = run(connection, &query, 1, &stats);
	row = neon_remote_next_row(reader);
	if (row != NULL && row->values[0] != NULL)
		count = strtoll(row->values[0], NULL, 10);
	(void) neon_remote_next_row(reader);
	neon_remote_close(reader);
	PG_RETURN_INT64(count);
}
