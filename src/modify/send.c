/*-------------------------------------------------------------------------
 *
 * modify/send.c
 *		What becomes of the rows that a statement has gathered.
 *
 * Gathered rows go to the transaction's queue as one statement: at the end of
 * the local statement, or before a read that may see them.  In autocommit mode
 * they are sent (see modify/portion.h).
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "compat/compat.h"
#include "deparse/pin_sql.h"
#include "http/connection.h"
#include "modify/abandon.h"
#include "modify/pin_defaults.h"
#include "modify/portion.h"
#include "modify/send.h"
#include "option/table_cache.h"
#include "remote/array_text.h"
#include "remote/row_text.h"
#include "transaction/transaction.h"

/* ---------- the statement ---------- */

void
neon_modify_query(NeonWrites *writes, NeonQuery *query)
{
	NeonRows   *rows = &writes->rows;

	if (!writes->pinned)
	{
		neon_portion_query(writes->owner, rows, query);
		return;
	}
	neon_array_end(&rows->columns[0]);
	neon_pin_insert(query, writes->owner->sql.table, &writes->pin,
					rows->columns[0].data, rows->count,
					writes->owner->sql.do_nothing);
}

void
neon_modify_pin(NeonWrites *writes, const NeonPinColumns *columns)
{
	writes->pin.names = MemoryContextStrdup(writes->context, columns->names);
	writes->pin.values = MemoryContextStrdup(writes->context, columns->values);
}

/* ---------- rehearsals ---------- */

/*
 * Says which table is written to: writes of other tables need not wait for
 * these rows.  What is known about the columns of an INSERT of whole
 * statements has to do with triggers; here it has not, so that a name sets
 * these facts apart.
 */
#define ROW_BY_ROW	"row by row"

static void
describe(NeonModify *modify, const NeonRows *rows, NeonTouch *touch)
{
	const NeonTable *table = neon_table(RelationGetRelid(modify->rel));
	List	   *key = NIL;
	List	   *written = NIL;
	ListCell   *lc;

	for (int i = 0; i < modify->sql.natts; i++)
	{
		if (modify->sql.key[i])
			key = lappend_int(key, i + 1);
	}
	foreach(lc, modify->operation == CMD_UPDATE ? rows->shape : NIL)
		written = lappend_int(written, abs(lfirst_int(lc)));
	memset(touch, 0, sizeof(NeonTouch));
	touch->kind = NEON_TOUCH_ANY;
	touch->subject = (NeonFactSubject)
	{
		modify->sql.table, modify->operation,
			neon_array_of_names(table->columns, key),
			neon_array_of_names(table->columns, written), ROW_BY_ROW
	};
}

/*
 * Makes an INSERT that returns its rows as text if the remote gives a value to
 * some column.  Such rows are pinned, or the commit would give them another
 * value.
 */
static void
make_rehearsed_insert(NeonModify *modify, NeonRows *rows, NeonQuery *query)
{
	const NeonTable *table = neon_table(RelationGetRelid(modify->rel));
	const char **params;
	int			n;
	char	   *sql;

	neon_rows_params(rows, query, false);
	n = query->nparams;
	params = palloc((n + 2) * sizeof(char *));
	memcpy(params, query->params, n * sizeof(char *));
	params[n] = modify->sql.table;
	params[n + 1] = neon_array_of_names(table->columns, rows->shape);
	sql = neon_modify_insert_sql(&modify->sql, rows->shape,
								 psprintf("%s AS t", neon_pin_row_sql("r")));
	/* triggers would change rows for a second time that were pinned */
	query->sql = psprintf("WITH w AS (%s) SELECT w.t FROM w WHERE %s AND NOT %s",
						  sql, neon_modify_has_defaults_sql(n + 1, n + 2),
						  neon_pin_triggers_sql(psprintf("$%d", n + 1), false));
	query->nparams = n + 2;
	query->params = params;
	query->ncolumns = 1;
}

/*
 * Reads the rows of a rehearsed INSERT.  If they are to be pinned, they take
 * the place of those that were sent.
 */
static void
read_rehearsed(NeonWrites *writes, NeonReader *reader,
			   const NeonPinColumns *columns)
{
	const NeonRow *row;
	NeonRows	pinned;
	MemoryContext old = MemoryContextSwitchTo(writes->context);

	neon_rows_init(&pinned, NIL, 1);
	MemoryContextSwitchTo(old);
	while ((row = neon_remote_next_row(reader)) != NULL)
	{
		neon_array_append(&pinned.columns[0], neon_row_text(row, 0));
		pinned.count++;
	}
	writes->pinned = pinned.count > 0;
	if (!writes->pinned)
		return;
	for (int i = 0; i < writes->rows.ncolumns; i++)
		pfree(writes->rows.columns[i].data);
	writes->rows = pinned;
	neon_modify_pin(writes, columns);
}

static void
rehearse_plainly(NeonModify *modify, NeonWrites *writes, NeonTouch *touch)
{
	NeonQuery	query = {0};
	NeonReader *reader;

	neon_portion_query(modify, &writes->rows, &query);
	reader = neon_transaction_rehearse(modify->user, touch, NULL, &query, 1,
									   &modify->stats);
	(void) neon_remote_finish(reader);
	neon_rows_reopen(&writes->rows);
}

/*
 * Rehearses an INSERT, and pins its rows where that must be.  A role that may
 * only insert cannot have rows returned: its rows are not pinned.
 */
static void
rehearse_insert(NeonModify *modify, NeonWrites *writes, NeonTouch *touch)
{
	static const int expected[] = {ERRCODE_INSUFFICIENT_PRIVILEGE, 0};
	NeonQuery	insert = {0};
	NeonPinRehearsal pin = {.table = modify->sql.table,.insert = &insert};
	NeonReader *reader;

	pin.expected = expected;
	pin.touch = touch;
	make_rehearsed_insert(modify, &writes->rows, &insert);
	reader = neon_pin_rehearse(&pin, modify->user, &modify->stats);
	if (!pin.refused)
		read_rehearsed(writes, reader, &pin.columns);
	neon_remote_close(reader);
	if (!writes->pinned)
		neon_rows_reopen(&writes->rows);
	touch->expected = NULL;
	if (pin.refused)
		rehearse_plainly(modify, writes, touch);
}

/* Rehearses an UPDATE that sets columns to DEFAULT, and pins their values. */
static void
rehearse_defaults(NeonModify *modify, NeonWrites *writes, NeonTouch *touch)
{
	NeonRows   *rows = &writes->rows;
	NeonQuery	query = {0};
	NeonGivenDefaults given;
	NeonReader *reader;
	const NeonRow *row;

	neon_given_defaults_init(&given, modify, rows);
	neon_rows_params(rows, &query, false);
	query.sql = neon_modify_change_sql(&modify->sql, rows->shape,
									   psprintf("u.n%s", neon_given_defaults_sql(&given)),
									   true);
	query.ncolumns = 1 + given.width;
	reader = neon_transaction_rehearse(modify->user, touch, NULL, &query, 1,
									   &modify->stats);
	while ((row = neon_remote_next_row(reader)) != NULL)
		(void) neon_given_defaults_take(&given, row, 0);
	neon_given_defaults_end(&given);
	neon_remote_close(reader);
	neon_rows_reopen(rows);
	neon_given_defaults_pin(&given, rows);
}

static void
queue_writes(NeonModify *modify, NeonWrites *writes)
{
	MemoryContext temporary = AllocSetContextCreate(CurrentMemoryContext,
													"neon rehearsal",
													ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(temporary);
	NeonQuery	query = {0};
	NeonTouch	touch;

	describe(modify, &writes->rows, &touch);
	if (modify->rehearses && !writes->rehearsed && !writes->pinned)
	{
		if (modify->operation == CMD_INSERT)
			rehearse_insert(modify, writes, &touch);
		else if (neon_shape_values(writes->rows.shape) <
				 list_length(writes->rows.shape))
			rehearse_defaults(modify, writes, &touch);
		else
			rehearse_plainly(modify, writes, &touch);
	}
	(void) neon_transaction_knows(modify->user, &touch);
	MemoryContextSwitchTo(writes->context);
	neon_modify_query(writes, &query);
	neon_transaction_adopt(modify->user, writes->context, &query, modify->cid,
						   &touch);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(temporary);
}

/* ---------- gathering ---------- */

static void
flush_writes(NeonPending *pending)
{
	NeonWrites *writes = (NeonWrites *) pending;
	NeonModify *modify = writes->owner;

	modify->writes = NULL;
	modify->lost = true;
	if (!modify->autocommit)
		queue_writes(modify, writes);
	else if (modify->more)
		neon_portion_start(writes);
	else
	{
		neon_portion_run(modify, &writes->rows);
		MemoryContextDelete(writes->context);
	}
	modify->lost = false;
}

/*
 * Gathered rows are flushed by whatever may see them, as a trigger does that
 * reads.  If that has caught the error, the statement fails nevertheless.
 */
static void
check_lost(const NeonModify *modify)
{
	if (modify->lost)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_ERROR),
				 errmsg("rows of foreign table \"%s\" could not be written",
						RelationGetRelationName(modify->rel)),
				 errdetail("A function that was called meanwhile has caught the error.")));
}

/*
 * Begins to gather rows with these columns.  The rows must outlive the
 * executor's memory, which may be gone already when an aborted subtransaction
 * takes them off the list of pending writes.
 */
static NeonWrites *
add_writes(NeonModify *modify, List *shape, int extra)
{
	MemoryContext context = AllocSetContextCreate(CurTransactionContext,
												  "neon writes",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	NeonWrites *writes = palloc0(sizeof(NeonWrites));

	writes->context = context;
	writes->owner = modify;
	neon_rows_init(&writes->rows, shape, extra);
	MemoryContextSwitchTo(old);
	writes->pending.cid = modify->cid;
	writes->pending.flush = flush_writes;
	neon_pending_add(&writes->pending);
	modify->writes = writes;
	return writes;
}

NeonWrites *
neon_modify_writes(NeonModify *modify, List *shape)
{
	check_lost(modify);
	if (modify->writes != NULL && equal(modify->writes->rows.shape, shape))
		return modify->writes;

	/*
	 * All pending rows are queued in the order in which they came.  Rows that
	 * are on their way stay so while these are gathered.
	 */
	if (modify->writes != NULL)
		neon_modify_finish(modify);
	return add_writes(modify, shape, modify->operation == CMD_INSERT ? 0 :
					  neon_modify_identity_columns(&modify->sql));
}

NeonWrites *
neon_modify_pinned_writes(NeonModify *modify)
{
	NeonWrites *writes = modify->writes;

	if (writes == NULL)
	{
		writes = add_writes(modify, NIL, 1);
		writes->pinned = true;
	}
	return writes;
}

/*
 * What is on its way, or was gathered for other tables, goes first: the order
 * counts.
 */
void
neon_modify_gathered(NeonModify *modify)
{
	if (modify->writes == NULL ||
		!neon_portion_is_full(modify, &modify->writes->rows))
		return;
	modify->more = true;
	neon_pending_flush(modify->cid + 1);
	modify->more = false;
	if (modify->sending)
		neon_portion_leave(modify);
}

void
neon_modify_finish(NeonModify *modify)
{
	check_lost(modify);
	if (modify->writes != NULL || modify->sending)
		neon_pending_flush(modify->cid + 1);
	if (modify->streams)
		neon_abandon_unwatch();
}
