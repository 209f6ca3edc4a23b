/*-------------------------------------------------------------------------
 *
 * modify/now.c
 *		Rows whose outcome is wanted before the next one comes.
 *
 * RETURNING, AFTER ROW triggers and WITH CHECK OPTION look at what the remote
 * has made of a row.  So the row is rehearsed, behind all that waits in the
 * transaction's queue.  An inserted row is then gathered as it came back, and
 * committed as it was seen; a changed one with the values that DEFAULT gave.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "compat/compat.h"
#include "deparse/check.h"
#include "deparse/pin_sql.h"
#include "modify/now.h"
#include "modify/pin_defaults.h"
#include "modify/send.h"
#include "remote/array_text.h"
#include "remote/row_text.h"
#include "transaction/committed.h"
#include "transaction/transaction.h"

/*
 * Takes the rows that the statement has gathered off the list of pending
 * writes, and makes the query that is sent for them, in front of the new rows.
 * Returns false if another statement has gathered rows since: then these are
 * queued by the rehearsal, because the order counts.
 */
static bool
hold_writes(NeonModify *modify, NeonQuery *query)
{
	NeonWrites *writes = modify->writes;

	if (writes == NULL || !neon_pending_is_last(&writes->pending))
		return false;
	neon_pending_remove(&writes->pending);
	neon_modify_query(writes, query);
	return true;
}

static void
release_writes(NeonModify *modify)
{
	neon_rows_reopen(&modify->writes->rows);
	neon_pending_add(&modify->writes->pending);
}

/*
 * Rehearses a query behind the rows that the statement has gathered.  If
 * columns is not NULL, the query is an INSERT whose rows are to be pinned.
 */
static NeonReader *
rehearse_query(NeonModify *modify, const NeonQuery *query, NeonPinColumns *columns)
{
	NeonQuery	before = {0};
	NeonPinRehearsal pin = {.table = modify->sql.table,.insert = query};
	NeonReader *reader;

	if (hold_writes(modify, &before))
		pin.before = &before;
	if (columns == NULL)
		reader = neon_transaction_rehearse(modify->user, NULL, pin.before, query, 1,
										   &modify->stats);
	else
		reader = neon_pin_rehearse(&pin, modify->user, &modify->stats);
	if (pin.before != NULL)
		release_writes(modify);
	if (columns != NULL)
		*columns = pin.columns;
	return reader;
}

static NeonRowFormat *
returned_format(NeonModify *modify)
{
	if (modify->format == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(modify));

		modify->format = neon_row_format(RelationGetDescr(modify->rel),
										 modify->returned,
										 RelationGetRelationName(modify->rel),
										 NIL);
		MemoryContextSwitchTo(old);
	}
	return modify->format;
}

/* The columns that are wanted back; to pin rows, the whole row as text, too. */
static char *
returning_list(NeonModify *modify, bool pin)
{
	char	   *columns = neon_modify_returning(&modify->sql,
												modify->returned);

	if (!pin)
		return modify->returned != NIL ? columns : "1";
	return psprintf("%s%s%s", columns, modify->returned != NIL ? ", " : "",
					neon_pin_row_sql("r"));
}

/*
 * In autocommit the rows are committed when the reply begins: an error that
 * comes after that must say so.  The caller pops the context.
 */
static void
push_committed(NeonModify *modify, NeonReader *reader,
			   ErrorContextCallback *context)
{
	static const int none[] = {0};

	context->previous = error_context_stack;
	if (!modify->autocommit)
		return;
	(void) neon_remote_expect(reader, none);
	neon_committed_push(context, neon_transaction_connection(modify->user));
}

/* Prints the rows and makes the INSERT of them. */
static void
insert_query(NeonModify *modify, List *shape, TupleTableSlot **slots,
			 int nslots, NeonQuery *query)
{
	NeonRows	rows;

	neon_rows_init(&rows, shape, 0);
	for (int i = 0; i < nslots; i++)
	{
		neon_row_print_begin(modify->printer);
		neon_rows_append_slot(&rows, modify->printer, slots[i]);
		neon_row_print_end(modify->printer);
		rows.count++;
	}
	neon_rows_params(&rows, query, false);
	query->sql = neon_modify_insert_sql(&modify->sql, shape,
										returning_list(modify,
													   !modify->autocommit));
	query->ncolumns = list_length(modify->returned) +
		(modify->autocommit ? 0 : 1);
	query->ncolumns = Max(query->ncolumns, 1);
}

/* Stores the rows that come back, and keeps their text to pin them by. */
static int
read_inserted(NeonModify *modify, NeonReader *reader, TupleTableSlot **result,
			  int nslots, NeonRows *pinned)
{
	const NeonRow *row;
	int			n = 0;

	while ((row = neon_remote_next_row(reader)) != NULL)
	{
		if (n == nslots)
			ereport(ERROR,
					(errcode(ERRCODE_FDW_ERROR),
					 errmsg("remote server returned more rows than were inserted")));
		if (modify->returned != NIL)
			neon_row_store(returned_format(modify), row, result[n]);
		if (!modify->autocommit)
			neon_array_append(&pinned->columns[0],
							  neon_row_text(row,
											list_length(modify->returned)));
		n++;
	}
	pinned->count = n;
	return n;
}

/*
 * ON CONFLICT has left the row out, which tells that there is another one: the
 * commit must find the same, where reads are checked.
 */
static void
queue_left_out(NeonModify *modify, List *shape, NeonQuery *query)
{
	int			n = query->nparams;
	const char **params = palloc((n + 1) * sizeof(char *));

	if (!modify->sql.do_nothing ||
		!neon_transaction_checks_reads(modify->user))
		return;
	/* that may be a row which the statement itself has inserted before */
	neon_modify_finish(modify);
	memcpy(params, query->params, n * sizeof(char *));
	params[n] = "0";
	query->params = params;
	query->nparams = n + 1;
	query->sql = neon_check_sql(neon_modify_insert_sql(&modify->sql, shape, "1"),
								psprintf("count(*) = $%d::bigint", n + 1),
								"a row that this transaction left out is not there any more");
	query->ncolumns = 1;
	neon_transaction_queue(modify->user, query, modify->cid, NULL);
}

int
neon_modify_insert_now(NeonModify *modify, List *shape,
					   TupleTableSlot **slots, int nslots,
					   TupleTableSlot **result, bool all)
{
	MemoryContext old = MemoryContextSwitchTo(modify->row_context);
	NeonQuery	query = {0};
	ErrorContextCallback committed;
	NeonReader *reader;
	NeonRows	pinned;
	NeonPinColumns pin;
	int			n;

	insert_query(modify, shape, slots, nslots, &query);
	neon_rows_init(&pinned, NIL, 1);
	if (modify->autocommit)
		reader = neon_transaction_run(modify->user, &query, 1,
									  &modify->stats);
	else
		reader = rehearse_query(modify, &query, &pin);
	push_committed(modify, reader, &committed);
	n = read_inserted(modify, reader, result, nslots, &pinned);
	error_context_stack = committed.previous;
	neon_remote_close(reader);
	if (all && n != nslots)
		n = -1;
	if (n == 0 && nslots == 1)
		queue_left_out(modify, shape, &query);
	if (n > 0 && !modify->autocommit)
	{
		NeonWrites *writes = neon_modify_pinned_writes(modify);

		neon_rows_append(&writes->rows, &pinned);
		if (writes->pin.names == NULL)
			neon_modify_pin(writes, &pin);
	}
	MemoryContextSwitchTo(old);
	return n;
}

/*
 * Reads the changed rows, each with its number behind the columns that are
 * wanted.
 */
static void
read_updated(NeonModify *modify, NeonReader *reader, TupleTableSlot **slots,
			 NeonGivenDefaults *given)
{
	int			number = list_length(modify->returned);
	const NeonRow *row;

	while ((row = neon_remote_next_row(reader)) != NULL)
		neon_row_store(returned_format(modify), row,
					   slots[neon_given_defaults_take(given, row, number)]);
	neon_given_defaults_end(given);
}

/* The rows have been rehearsed: gathers them as they are to be committed. */
static void
gather_updated(NeonModify *modify, NeonRows *rows,
			   const NeonGivenDefaults *given)
{
	NeonWrites *writes;

	neon_rows_reopen(rows);
	neon_given_defaults_pin(given, rows);
	writes = neon_modify_writes(modify, rows->shape);
	neon_rows_append(&writes->rows, rows);
	writes->rehearsed = true;
}

void
neon_modify_update_now(NeonModify *modify, NeonRows *rows,
					   TupleTableSlot **slots)
{
	MemoryContext old = MemoryContextSwitchTo(modify->row_context);
	NeonQuery	query = {0};
	NeonGivenDefaults given;
	ErrorContextCallback committed;
	NeonReader *reader;
	char	   *returning = returning_list(modify, false);

	neon_given_defaults_init(&given, modify, rows);
	neon_rows_params(rows, &query, false);
	returning = psprintf("%s, u.n%s", returning,
						 neon_given_defaults_sql(&given));
	query.sql = neon_modify_change_sql(&modify->sql, rows->shape, returning,
									   true);
	query.ncolumns = list_length(modify->returned) + 1 + given.width;
	if (modify->autocommit)
		reader = neon_transaction_run(modify->user, &query, 1,
									  &modify->stats);
	else
		reader = rehearse_query(modify, &query, NULL);
	push_committed(modify, reader, &committed);
	read_updated(modify, reader, slots, &given);
	error_context_stack = committed.previous;
	neon_remote_close(reader);
	if (!modify->autocommit)
		gather_updated(modify, rows, &given);
	MemoryContextSwitchTo(old);
}
