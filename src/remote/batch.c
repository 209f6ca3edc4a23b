/*-------------------------------------------------------------------------
 *
 * remote/batch.c
 *		The statements that make up one request.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "lib/stringinfo.h"

#include "compat/compat.h"
#include "remote/batch.h"
#include "remote/diagnosis.h"
#include "remote/guard.h"
#include "remote/packed.h"

static const NeonQuery rollback = {.sql = "ROLLBACK"};

/* Messages show so many bytes of the SQL, and how many statements follow. */
#define SHOWN_LENGTH	8192

/* One statement as it is, several with a semicolon between. */
static char *
join_sql(const NeonQuery *queries, int nqueries)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 0; i < nqueries; i++)
	{
		const char *sql = queries[i].shown != NULL ?
			queries[i].shown : queries[i].sql;

		appendStringInfo(&buf, "%s%s", buf.len > 0 && sql[0] != '\0' ? "; " : "",
						 sql);
		if (buf.len > SHOWN_LENGTH && i < nqueries - 1)
		{
			appendStringInfo(&buf, "; ... (%d more)", nqueries - 1 - i);
			break;
		}
	}
	return buf.data;
}

/*
 * What is written is written in one transaction, and what is written after
 * it was read must be checked by what was read: so the level is at least
 * REPEATABLE READ.
 */
static void
set_headers(NeonConnection *connection, const NeonBatch *batch,
			NeonBatchRequest *result)
{
	int			n = 0;

	for (; batch->headers != NULL && batch->headers[n] != NULL; n++)
		result->headers[n] = batch->headers[n];
	result->headers[n] = NULL;
	result->request.headers = result->headers;
	if (batch->headers != NULL || batch->kind == NEON_BATCH_ALONE)
		return;

	result->headers[n++] = XactIsoLevel == XACT_SERIALIZABLE ?
		"Neon-Batch-Isolation-Level: Serializable" :
		"Neon-Batch-Isolation-Level: RepeatableRead";
	if (batch->kind == NEON_BATCH_READ &&
		connection->options->read_only_scans)
		result->headers[n++] = "Neon-Batch-Read-Only: true";
	result->headers[n] = NULL;
}

static NeonRequestPurpose
purpose(const NeonBatch *batch)
{
	switch (batch->kind)
	{
		case NEON_BATCH_READ:
			return batch->catalog || batch->queries[0].catalog ?
				NEON_PURPOSE_CATALOG : NEON_PURPOSE_READ;
		case NEON_BATCH_REHEARSAL:
			return NEON_PURPOSE_REHEARSAL;
		case NEON_BATCH_COMMIT:
		case NEON_BATCH_ALONE:
			return NEON_PURPOSE_COMMIT;
		case NEON_BATCH_REPEATABLE:
			break;
	}
	return NEON_PURPOSE_OTHER;
}

void
neon_batch_request(NeonConnection *connection, const NeonBatch *batch,
				   NeonBatchRequest *result)
{
	NeonQuery  *all;
	int			n = 0;

	all = palloc((batch->nbefore + batch->nqueries + 2) * sizeof(NeonQuery));
	if (batch->kind != NEON_BATCH_ALONE)
		neon_guard(connection, &all[n++],
				   neon_batch_runs_once(batch->kind));
	result->before = n;
	result->before_row = batch->before_row;
	result->before_arg = batch->before_arg;
	for (int i = 0; i < batch->nbefore; i++)
		all[n++] = neon_packed_query(&batch->before[i]);
	result->first = n;
	for (int i = 0; i < batch->nqueries; i++)
		all[n++] = neon_packed_query(&batch->queries[i]);
	result->last = n - 1;
	if (batch->kind == NEON_BATCH_REHEARSAL)
		all[n++] = rollback;

	result->nresults = n;
	result->ncolumns = palloc(n * sizeof(int));
	result->rows = 0;
	for (int i = 0; i < n; i++)
	{
		result->ncolumns[i] = all[i].ncolumns;
		result->rows += all[i].nrows;
	}
	result->request.purpose = purpose(batch);
	result->sql = join_sql(batch->queries, batch->nqueries);
	result->request.body = batch->kind == NEON_BATCH_ALONE ?
		neon_request_single_body(&all[0], &result->request.len) :
		neon_request_body(all, n, &result->request.len);
	result->request.once = neon_batch_runs_once(batch->kind);
	set_headers(connection, batch, result);
	pfree(all);
}

NeonError *
neon_batch_size_error(NeonConnection *connection,
					  const NeonBatchRequest *batch)
{
	if (connection->request_limit == 0 ||
		batch->request.len <= connection->request_limit)
		return NULL;
	return neon_error_request_size(connection, batch->request.len,
								   connection->request_limit);
}
