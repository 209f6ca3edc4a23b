/*-------------------------------------------------------------------------
 *
 * statement/rehearse.c
 *		Rehearsal of a whole statement that is committed later.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/plancache.h"

#include "compat/compat.h"
#include "deparse/versions.h"
#include "remote/array_text.h"
#include "remote/row_text.h"
#include "statement/rehearse.h"
#include "statement/rehearsed.h"

/*
 * The rows of a remote view have no versions, and a role that may only update
 * or delete must not read them.
 */
static const int no_versions[] = {
	ERRCODE_UNDEFINED_COLUMN, ERRCODE_INSUFFICIENT_PRIVILEGE,
	ERRCODE_FEATURE_NOT_SUPPORTED, 0
};

/* Nor must a role that may only insert read the rows that it has inserted. */
static const int no_rows[] = {ERRCODE_INSUFFICIENT_PRIVILEGE, 0};

/* ---------- rows ---------- */

static void
add_inserted(NeonRehearsal *rehearsal, const char *row)
{
	neon_array_append(&rehearsal->inserted, row);
	rehearsal->ninserted++;
}

/*
 * Versions that this transaction made are all the same, so that they do not
 * tell rows apart.
 */
static void
add_updated(NeonRehearsal *rehearsal, const char *row, const char *version)
{
	if (strcmp(version, "own") == 0)
		rehearsal->nown++;
	if (row == NULL)
		rehearsal->has_unpinnable = true;
	neon_array_append(&rehearsal->updated, row);
	neon_array_append(&rehearsal->versions, version);
	rehearsal->nupdated++;
}

/*
 * Takes what the rehearsal returns behind the wanted columns, see
 * deparse/write.h.
 */
static void
take_row(NeonRehearsal *rehearsal, const NeonRow *row)
{
	const NeonWriteTask *task = rehearsal->task;
	int			n = list_length(task->plan->columns);

	switch (rehearsal->form)
	{
		case NEON_COMMIT_COUNT:
			break;
		case NEON_COMMIT_VERSIONS:
			neon_array_append(&rehearsal->versions, neon_row_text(row, n));
			break;
		case NEON_COMMIT_DEFAULTS:
			add_updated(rehearsal, neon_row_text(row, n + 1),
						neon_row_text(row, n));
			break;
		case NEON_COMMIT_UPSERT:
			if (row->values[n + 1] != NULL)
				add_updated(rehearsal, neon_row_text(row, n),
							neon_row_text(row, n + 1));
			else
				add_inserted(rehearsal, neon_row_text(row, n));
			break;
		case NEON_COMMIT_ROWS:
			add_inserted(rehearsal, neon_row_text(row, n));
			break;
	}
	task->keep_row(task->arg, row);
	rehearsal->nrows++;
}

/* An INSERT without RETURNING: a count, then rows only if they matter. */
static void
take_counted_row(NeonRehearsal *rehearsal, const NeonRow *row)
{
	if (row->values[1] != NULL)
	{
		rehearsal->nrows = strtoll(row->values[1], NULL, 10);
		if (row->values[0] != NULL)
			rehearsal->digest = pstrdup(row->values[0]);
	}
	else
		add_inserted(rehearsal, neon_row_text(row, 0));
}

/* ---------- the rehearsal ---------- */

static int
count_columns(const NeonRehearsal *rehearsal)
{
	const NeonWritePlan *plan = rehearsal->task->plan;
	int			n = list_length(plan->columns);

	switch (rehearsal->form)
	{
		case NEON_COMMIT_COUNT:
			return plan->returns ? Max(n, 1) : 0;
		case NEON_COMMIT_ROWS:
			return plan->returns ? n + 1 : 2;
		case NEON_COMMIT_UPSERT:
		case NEON_COMMIT_DEFAULTS:
			return n + 2;
		case NEON_COMMIT_VERSIONS:
			break;
	}
	return n + 1;
}

static NeonQuery
rehearsal_query(const NeonRehearsal *rehearsal)
{
	const NeonWritePlan *plan = rehearsal->task->plan;
	NeonQuery	query = rehearsal->task->query;

	query.shown = plan->now;
	query.sql = neon_rehearsal_lacks_versions(rehearsal) ? plan->now :
		neon_rehearsal_adds_versions(rehearsal) ? plan->versioned :
		plan->rehearsal;
	query.ncolumns = count_columns(rehearsal);
	query.reads = plan->reads;
	query.nreads = plan->nreads;
	return query;
}

/* How the statement, which query holds, is rehearsed if its rows are pinned. */
static NeonPinRehearsal
pin_rehearsal(NeonRehearsal *rehearsal, const NeonQuery *query)
{
	NeonPinRehearsal pin = {.table = rehearsal->task->plan->table,.insert = query};

	pin.named = rehearsal->touch.subject.named;
	pin.upsert = rehearsal->form == NEON_COMMIT_UPSERT;
	pin.expected = rehearsal->touch.expected;
	return pin;
}

/* Sends the statement; the reader is at its result. */
static NeonReader *
send_rehearsal(NeonRehearsal *rehearsal)
{
	const NeonWriteTask *task = rehearsal->task;
	NeonQuery	query = rehearsal_query(rehearsal);
	NeonPinRehearsal pin = pin_rehearsal(rehearsal, &query);
	NeonReader *reader;

	if (!neon_rehearsal_pins(rehearsal))
		return neon_transaction_rehearse(task->user, &rehearsal->touch, NULL,
										 &query, 1, task->stats);
	pin.touch = &rehearsal->touch;
	reader = neon_pin_rehearse(&pin, task->user, task->stats);
	rehearsal->columns = pin.columns;
	rehearsal->unnamed = pin.unnamed;
	return reader;
}

/* Reads the statement's result to its end. */
static void
take_result(NeonRehearsal *rehearsal, NeonReader *reader)
{
	const NeonWritePlan *plan = rehearsal->task->plan;
	const NeonRow *row;

	while ((row = neon_remote_next_row(reader)) != NULL)
	{
		if (rehearsal->form == NEON_COMMIT_ROWS && !plan->returns)
			take_counted_row(rehearsal, row);
		else
			take_row(rehearsal, row);
	}
	if (rehearsal->form == NEON_COMMIT_COUNT && !plan->returns)
		rehearsal->nrows = Max(neon_remote_rowcount(reader), 0);
}

/* The errors with which the statement may be refused; NULL: none. */
static const int *
expected_errors(const NeonRehearsal *rehearsal)
{
	if (neon_rehearsal_checks_versions(rehearsal))
		return no_versions;
	return rehearsal->form == NEON_COMMIT_ROWS &&
		!rehearsal->task->plan->returns ? no_rows : NULL;
}

/*
 * Where the rows have no versions, or must not be read, the commit can only
 * count.  If something else is amiss, the second rehearsal throws the error.
 */
static void
rehearse_statement(NeonRehearsal *rehearsal)
{
	const int  *expected = expected_errors(rehearsal);
	NeonReader *reader;

	rehearsal->touch.expected = expected;
	reader = send_rehearsal(rehearsal);
	if (expected != NULL && neon_remote_expect(reader, expected) != NULL)
	{
		neon_remote_close(reader);
		rehearsal->form = NEON_COMMIT_COUNT;
		rehearsal->touch.expected = NULL;
		reader = send_rehearsal(rehearsal);
	}
	take_result(rehearsal, reader);
	neon_remote_close(reader);
}

/*
 * Fills in what is sent for one of several statements: the statement, and
 * before it what must be known to pin its rows.
 */
static int
add_queries(NeonRehearsal *rehearsal, NeonQuery *queries)
{
	NeonQuery	query = rehearsal_query(rehearsal);
	NeonPinRehearsal pin = pin_rehearsal(rehearsal, &query);

	if (neon_rehearsal_pins(rehearsal))
		return neon_pin_queries(&pin, queries);
	queries[0] = query;
	return 1;
}

/* Reads what has been returned for it, to its end. */
static void
take_results(NeonRehearsal *rehearsal, NeonReader *reader)
{
	NeonPinRehearsal pin = pin_rehearsal(rehearsal, NULL);

	if (neon_rehearsal_pins(rehearsal))
	{
		neon_pin_read(&pin, reader);
		rehearsal->columns = pin.columns;
		rehearsal->unnamed = pin.unnamed;
	}
	take_result(rehearsal, reader);
}

/* Rehearses several.  False if versions cannot be had of all of them. */
static bool
rehearse_all(NeonRehearsal *all, int n)
{
	const NeonWriteTask *task = all[0].task;
	NeonQuery  *queries = palloc_array(NeonQuery, n * NEON_PIN_QUERIES);
	NeonTouch **touches = palloc_array(NeonTouch *, n);
	NeonReader *reader;
	int			nqueries = 0;

	for (int i = 0; i < n; i++)
	{
		nqueries += add_queries(&all[i], queries + nqueries);
		touches[i] = &all[i].touch;
	}
	all[0].touch.expected = no_versions;
	reader = neon_transaction_rehearse_all(task->user, touches, n, NULL,
										   queries, nqueries, task->stats);
	all[0].touch.expected = NULL;
	if (neon_remote_expect(reader, no_versions) != NULL)
	{
		neon_remote_close(reader);
		return false;
	}
	for (int i = 0; i < n; i++)
	{
		if (i > 0)
			(void) neon_remote_next_result(reader);
		take_results(&all[i], reader);
	}
	neon_remote_close(reader);
	return true;
}

static void
init(NeonRehearsal *rehearsal, const NeonWriteTask *task)
{
	rehearsal->task = task;
	if (neon_want_versions())
		ResetPlanCache();
	rehearsal->form = task->plan->versioned != NULL &&
		IsolationUsesXactSnapshot() ? NEON_COMMIT_VERSIONS : task->plan->form;
	rehearsal->touch = task->touch;
	initStringInfo(&rehearsal->inserted);
	initStringInfo(&rehearsal->updated);
	initStringInfo(&rehearsal->versions);
}

int64
neon_rehearse_write(const NeonWriteTask *task)
{
	NeonRehearsal rehearsal = {0};

	init(&rehearsal, task);
	rehearse_statement(&rehearsal);
	neon_queue_rehearsed(&rehearsal);
	return rehearsal.nrows;
}

Size
neon_rehearsal_size(const NeonWriteTask *task)
{
	Size		size = strlen(task->plan->rehearsal);

	for (int i = 0; i < task->query.nparams; i++)
		size += task->query.params[i] != NULL ?
			strlen(task->query.params[i]) : 0;
	return size;
}

void
neon_rehearse_together(List *tasks, int64 *nrows)
{
	int			n = list_length(tasks);
	NeonRehearsal *all = palloc0_array(NeonRehearsal, n);
	bool		together;

	for (int i = 0; i < n; i++)
		init(&all[i], list_nth(tasks, i));
	together = n > 1 && rehearse_all(all, n);
	for (int i = 0; i < n; i++)
	{
		if (!together)
			rehearse_statement(&all[i]);
		neon_queue_rehearsed(&all[i]);
		nrows[i] = all[i].nrows;
	}
}

void
neon_queue_unseen(const NeonWriteTask *task, int64 nrows)
{
	NeonRehearsal rehearsal = {.task = task,.form = NEON_COMMIT_COUNT};

	rehearsal.nrows = nrows;
	rehearsal.touch = task->touch;
	rehearsal.touch.unseen = true;
	(void) neon_transaction_knows(task->user, &rehearsal.touch);
	neon_queue_again(&rehearsal);
}
