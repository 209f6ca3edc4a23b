/*-------------------------------------------------------------------------
 *
 * transaction/rollback_proof.c
 *		The proof that an endpoint honours a closing ROLLBACK.
 *
 * A transaction that does nothing but take an id is rolled back.  Each
 * rehearsal then begins with a statement that fails if that id belongs to a
 * committed transaction, until one of them has succeeded.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "remote/error.h"
#include "transaction/rollback_proof.h"

/*
 * Rolls back the transaction and remembers its id.  The id is remembered only
 * when the reply is complete: the ROLLBACK of this very reply proves nothing.
 */
static void
roll_back_probe(NeonConnection *connection, NeonStats *stats)
{
	NeonQuery	query = {.sql = "SELECT pg_current_xact_id()",.ncolumns = 1};
	NeonBatch	batch = {NEON_BATCH_REHEARSAL, NULL, 0, &query, 1};
	NeonReader *reader;
	const NeonRow *row;
	char		xid[sizeof(connection->probe_xid)] = "";

	reader = neon_remote_run(connection, &batch, stats);
	row = neon_remote_next_row(reader);
	if (row != NULL && row->values[0] != NULL)
		strlcpy(xid, row->values[0], sizeof(xid));
	(void) neon_remote_next_row(reader);
	neon_connection_probed(connection, xid);
	neon_remote_close(reader);
}

int
neon_rollback_proof(NeonConnection *connection, NeonQuery *query,
					NeonStats *stats)
{
	if (connection->rolls_back)
		return 0;
	if (connection->probe_xid[0] == '\0')
		roll_back_probe(connection, stats);
	memset(query, 0, sizeof(NeonQuery));
	query->sql = "SELECT (CASE pg_xact_status($1::xid8) WHEN 'committed' THEN '"
		NEON_TEST_PREFIX "the endpoint does not honour ROLLBACK"
		"' ELSE '0' END)::int";
	query->nparams = 1;
	query->params = neon_one_param(pstrdup(connection->probe_xid));
	query->ncolumns = 1;
	return 1;
}
