/*-------------------------------------------------------------------------
 *
 * scan/pages.c
 *		Tables that are read in ranges of pages.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "storage/block.h"
#include "utils/timestamp.h"

#include "compat/compat.h"
#include "scan/pages.h"

char *
neon_tid_text(int64 position)
{
	return psprintf("(" INT64_FORMAT "," INT64_FORMAT ")",
					position / NEON_POSITIONS_PER_PAGE,
					position % NEON_POSITIONS_PER_PAGE);
}

/*
 * The number of pages of the table; 0 if it is a view, or has foreign tables
 * among its partitions.  A range of a partitioned table holds the same range
 * of each partition, so the number is that of the longest partition.
 */
int64
neon_count_pages(UserMapping *user, CommandId cid, const char *table,
				 NeonStats *stats)
{
	const char *params[2] = {table, "{r,m,p}"};
	NeonQuery	query = {0};
	NeonReader *reader;
	const NeonRow *row;
	int64		pages = 0;

	query.sql =
		"WITH RECURSIVE tree AS ("
		"SELECT $1::pg_catalog.regclass::pg_catalog.oid AS oid"
		" UNION ALL SELECT i.inhrelid FROM tree"
		" JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid)"
		" SELECT CASE WHEN bool_and(c.relkind = ANY ($2::\"char\"[])) THEN"
		" greatest(max(pg_catalog.pg_relation_size(c.oid)"
		" / pg_catalog.current_setting('block_size')::bigint), 1) END"
		" FROM tree JOIN pg_catalog.pg_class c ON c.oid = tree.oid";
	query.nparams = 2;
	query.params = params;
	query.ncolumns = 1;
	query.read = NEON_READ_INTERNAL;
	reader = neon_transaction_read(user, cid, &query, 1, stats);
	row = neon_remote_next_row(reader);
	if (row != NULL && row->values[0] != NULL)
		pages = Min(strtoll(row->values[0], NULL, 10), MaxBlockNumber);
	neon_remote_close(reader);
	return pages;
}

/*
 * Warns once per statement, however many tables are read in pieces; not where
 * each piece is checked by the requests for the others.
 */
void
neon_warn_of_pieces(UserMapping *user, const char *table, int64 limit)
{
	static TimestampTz warned = 0;

	if (warned == GetCurrentStatementStartTimestamp() ||
		neon_transaction_checks_reads(user))
		return;
	warned = GetCurrentStatementStartTimestamp();
	ereport(WARNING,
			(errcode(ERRCODE_WARNING),
			 errmsg("table %s does not fit into one reply of the endpoint and is read in pieces",
					table),
			 errdetail("Each piece has a snapshot of its own: changes made meanwhile may be seen in part. The limit of a reply is " INT64_FORMAT " bytes.",
					   limit),
			 errhint("Select fewer rows or columns, or set the server's option \"consistent_reads\" to \"strict\" to get an error instead.")));
}
