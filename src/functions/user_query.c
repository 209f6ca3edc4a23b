/*-------------------------------------------------------------------------
 *
 * functions/user_query.c
 *		neon_http_query(): SQL of the user's own, for what it returns.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/tuplestore.h"

#include "compat/compat.h"
#include "functions/user_sql.h"
#include "remote/error.h"
#include "remote/guard.h"
#include "scan/fields.h"
#include "scan/pieces.h"
#include "scan/row.h"
#include "transaction/transaction.h"

PG_FUNCTION_INFO_V1(neon_http_query);

typedef struct QueryScan
{
	UserMapping *user;
	NeonReader *reader;
	NeonPieces *spilled;		/* instead of the reader; NULL: it fitted */
	ReturnSetInfo *result;
} QueryScan;

/*
 * Sends the query in a read-only transaction (unless the server's options say
 * otherwise), so that the remote refuses one that writes.  A result that does
 * not fit into the reply is spilled, if it can be.
 */
static void
start(QueryScan *scan, NeonQuery *query)
{
	CommandId	cid = GetCurrentCommandId(false);
	NeonStats  *stats = palloc0(sizeof(NeonStats));
	NeonQuery	queries[2];

	neon_guard_enter(&queries[0],
					 neon_connection_get(scan->user)->options->read_only_scans);
	queries[0].read = NEON_READ_INTERNAL;
	query->read = NEON_READ_OF_USER;
	queries[1] = *query;
	scan->reader = neon_transaction_read(scan->user, cid, queries, 2, stats);
	if (!neon_remote_fits(scan->reader, NULL))
	{
		query->ncolumns = scan->result->setDesc->natts;
		scan->spilled = neon_pieces_spilled(scan->user, cid, query, stats);
		if (scan->spilled == NULL)
			neon_remote_refuse(scan->reader);
		return;
	}
	(void) neon_remote_next_result(scan->reader);
}

/*
 * Throws unless the columns of the result fit the column definition list.
 * Returns the format that rows are read by.
 */
static NeonRowFormat *
check_columns(QueryScan *scan, const NeonRow *row)
{
	TupleDesc	desc = scan->result->setDesc;
	NeonConnection *connection = neon_connection_get(scan->user);
	List	   *attnums = NIL;

	neon_fields_check(connection,
					  scan->spilled != NULL ?
					  neon_pieces_fields(scan->spilled) :
					  neon_remote_fields(scan->reader), desc);
	if (row != NULL && row->ncolumns != desc->natts)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_UNABLE_TO_CREATE_REPLY),
				 errmsg("invalid reply from server \"%s\": rows have other columns than described",
						connection->server_name)));
	for (int i = 1; i <= desc->natts; i++)
		attnums = lappend_int(attnums, i);
	return neon_row_format(desc, attnums, NULL, NIL);
}

static const NeonRow *
next_row(QueryScan *scan)
{
	if (scan->spilled != NULL)
		return neon_pieces_next_row(scan->spilled);
	return neon_remote_next_row(scan->reader);
}

static void
read_rows(QueryScan *scan)
{
	TupleTableSlot *slot = MakeSingleTupleTableSlot(scan->result->setDesc,
													&TTSOpsVirtual);
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext,
													  "neon query row",
													  ALLOCSET_DEFAULT_SIZES);
	NeonRowFormat *format = NULL;
	const NeonRow *row;

	while ((row = next_row(scan)) != NULL)
	{
		MemoryContext old;

		CHECK_FOR_INTERRUPTS();
		if (format == NULL)
			format = check_columns(scan, row);
		MemoryContextReset(row_context);
		old = MemoryContextSwitchTo(row_context);
		neon_row_store(format, row, slot);
		MemoryContextSwitchTo(old);
		tuplestore_puttupleslot(scan->result->setResult, slot);
	}
	if (format == NULL)
		(void) check_columns(scan, NULL);
	ExecDropSingleTupleTableSlot(slot);
}

/* Two SQL functions: (server, sql) and (server, sql, params). */
Datum
neon_http_query(PG_FUNCTION_ARGS)
{
	QueryScan	scan = {0};
	MemoryContext context;
	MemoryContext old;
	NeonQuery	query;
	NeonUserSqlHint hint;

	scan.result = (ReturnSetInfo *) fcinfo->resultinfo;
	if (scan.result == NULL || !IsA(scan.result, ReturnSetInfo) ||
		scan.result->expectedDesc == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("a column definition list is required for neon_http_query()"),
				 errhint("For example: SELECT * FROM neon_http_query(...) AS t (id integer, name text).")));
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	context = AllocSetContextCreate(CurrentMemoryContext, "neon query",
									ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	scan.user = neon_user_sql_mapping(fcinfo, 0);
	neon_user_sql_query(fcinfo, 1, 2, &query);
	neon_user_sql_push_hint(&hint, ERRCODE_READ_ONLY_SQL_TRANSACTION,
							"Use neon_http_exec() for statements that write.");
	start(&scan, &query);
	read_rows(&scan);
	neon_user_sql_pop_hint(&hint);
	if (scan.spilled != NULL)
		neon_pieces_close(scan.spilled);
	neon_remote_close(scan.reader);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return (Datum) 0;
}
