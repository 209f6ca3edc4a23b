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

#include "compat/compat.h"
#include "deparse/check.h"
#include "remote/array_text.h"
#include "remote/row_text.h"
#include "statement/rehearse.h"
#include "transaction/pinned_rows.h"
#include "transaction/turns.h"

/* What a rehearsal brought, to be committed. */
typedef struct Rehearsal
{
	const NeonWriteTask *task;
	NeonTouch	touch;			/* what the statement concerns */
	NeonCommitForm form;		/* of the plan, or the one that had to do */
	NeonPinColumns columns;
	NeonPinColumns unnamed;		/* names is NULL if triggers are no matter */
	int64		nrows;			/* that the statement concerns */
	const char *digest;			/* of inserted rows that are not known */
	int64		ninserted;		/* those of them that are in inserted */
	StringInfoData inserted;	/* array of rows as text */
	int64		nupdated;
	StringInfoData updated;		/* the same */
	StringInfoData versions;	/* array of the versions of updated rows */
	int64		nown;			/* of them, this transaction wrote before */
	bool		has_unpinnable; /* some of updated are null */
} Rehearsal;

/*
 * The rows of a remote view have no versions, and a role that may only update
 * or delete must not read them.
 */
static const int no_versions[] = {
	ERRCODE_UNDEFINED_COLUMN, ERRCODE_INSUFFICIENT_PRIVILEGE,
	ERRCODE_FEATURE_NOT_SUPPORTED, 0
};

/* ---------- rows ---------- */

static void
add_inserted(Rehearsal *rehearsal, const char *row)
{
	neon_array_append(&rehearsal->inserted, row);
	rehearsal->ninserted++;
}

/*
 * Versions that this transaction made are all the same, so that they do not
 * tell rows apart.
 */
static void
add_updated(Rehearsal *rehearsal, const char *row, const char *version)
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
take_row(Rehearsal *rehearsal, const NeonRow *row)
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
take_counted_row(Rehearsal *rehearsal, const NeonRow *row)
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

/* Must the commit do without the versions that it was planned to check? */
static bool
lacks_versions(const Rehearsal *rehearsal)
{
	NeonCommitForm planned = rehearsal->task->plan->form;

	return rehearsal->form == NEON_COMMIT_COUNT &&
		(planned == NEON_COMMIT_VERSIONS || planned == NEON_COMMIT_DEFAULTS);
}

static bool
checks_versions(const Rehearsal *rehearsal)
{
	return rehearsal->form == NEON_COMMIT_VERSIONS ||
		rehearsal->form == NEON_COMMIT_DEFAULTS;
}

/* Do the rows come back, to be pinned? */
static bool
pins(const Rehearsal *rehearsal)
{
	return rehearsal->form == NEON_COMMIT_ROWS ||
		rehearsal->form == NEON_COMMIT_UPSERT;
}

static int
count_columns(const Rehearsal *rehearsal)
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
rehearsal_query(const Rehearsal *rehearsal)
{
	const NeonWritePlan *plan = rehearsal->task->plan;
	NeonQuery	query = rehearsal->task->query;

	query.shown = plan->now;
	query.sql = lacks_versions(rehearsal) ? plan->now : plan->rehearsal;
	query.ncolumns = count_columns(rehearsal);
	return query;
}

/* Sends the statement; the reader is at its result. */
static NeonReader *
send_rehearsal(Rehearsal *rehearsal)
{
	const NeonWriteTask *task = rehearsal->task;
	NeonQuery	query = rehearsal_query(rehearsal);
	NeonPinRehearsal pin = {.table = task->plan->table,.insert = &query};
	NeonReader *reader;

	if (!pins(rehearsal))
		return neon_transaction_rehearse(task->user, &rehearsal->touch, NULL,
										 &query, 1, task->stats);
	pin.touch = &rehearsal->touch;
	pin.named = rehearsal->touch.subject.named;
	pin.upsert = rehearsal->form == NEON_COMMIT_UPSERT;
	reader = neon_pin_rehearse(&pin, task->user, task->stats);
	rehearsal->columns = pin.columns;
	rehearsal->unnamed = pin.unnamed;
	return reader;
}

/* Reads the statement's result to its end. */
static void
take_result(Rehearsal *rehearsal, NeonReader *reader)
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

/*
 * The rows of a remote view have no versions, and a role that may only update
 * or delete must not read them: then the commit can only count.  If something
 * else is amiss, the second rehearsal throws the error.
 */
static void
rehearse_statement(Rehearsal *rehearsal)
{
	NeonReader *reader;

	if (checks_versions(rehearsal))
		rehearsal->touch.expected = no_versions;
	reader = send_rehearsal(rehearsal);
	if (checks_versions(rehearsal) &&
		neon_remote_expect(reader, no_versions) != NULL)
	{
		neon_remote_close(reader);
		rehearsal->form = NEON_COMMIT_COUNT;
		rehearsal->touch.expected = NULL;
		reader = send_rehearsal(rehearsal);
	}
	take_result(rehearsal, reader);
	neon_remote_close(reader);
}

/* The same for several.  False if versions cannot be had of all of them. */
static bool
rehearse_all(Rehearsal *all, int n)
{
	const NeonWriteTask *first = all[0].task;
	NeonQuery  *queries = palloc_array(NeonQuery, n);
	NeonReader *reader;

	for (int i = 0; i < n; i++)
		queries[i] = rehearsal_query(&all[i]);
	reader = neon_transaction_rehearse(first->user, NULL, NULL, queries, n,
									   first->stats);
	if (neon_remote_expect(reader, no_versions) != NULL)
	{
		neon_remote_close(reader);
		return false;
	}
	for (int i = 0; i < n; i++)
	{
		if (i > 0)
			(void) neon_remote_next_result(reader);
		take_result(&all[i], reader);
	}
	neon_remote_close(reader);
	return true;
}

/* ---------- what is queued ---------- */

/* Queues a statement that stands for the rehearsed one. */
static void
queue_write(Rehearsal *rehearsal, NeonQuery *query)
{
	query->shown = rehearsal->task->plan->now;
	neon_transaction_queue(rehearsal->task->user, query,
						   rehearsal->task->cid, &rehearsal->touch);
}

/* Can the values that DEFAULT gave be pinned? */
static bool
pins_defaults(const Rehearsal *rehearsal)
{
	return rehearsal->form == NEON_COMMIT_DEFAULTS &&
		!rehearsal->has_unpinnable &&
		(rehearsal->nown <= 1 || rehearsal->task->plan->pins_own);
}

/* An INSERT without RETURNING, whose rows may be others next time. */
static bool
takes_digest(const Rehearsal *rehearsal)
{
	const NeonWritePlan *plan = rehearsal->task->plan;

	return rehearsal->form == NEON_COMMIT_ROWS && !plan->returns &&
		plan->source == NULL;
}

/* What the commit runs: the statement once more, with a check. */
static const char *
again_sql(const Rehearsal *rehearsal)
{
	const NeonWritePlan *plan = rehearsal->task->plan;
	int			nparams = rehearsal->task->query.nparams;

	if (lacks_versions(rehearsal) || rehearsal->touch.unseen)
		return neon_check_sql(plan->returns ? plan->now :
							  psprintf("%s RETURNING 1", plan->now),
							  psprintf("count(*) = $%d::bigint", nparams + 1),
							  rehearsal->touch.unseen ? NEON_WRONG_COUNT :
							  "a row that this transaction changes was changed by another one");
	return pins_defaults(rehearsal) ? plan->pinned : plan->commit;
}

/* The statement once more, with what it must concern behind its parameters. */
static void
make_again(Rehearsal *rehearsal, NeonQuery *query)
{
	const NeonQuery *base = &rehearsal->task->query;
	const char **params = palloc((base->nparams + 3) * sizeof(char *));

	*query = *base;
	memcpy(params, base->params, base->nparams * sizeof(char *));
	params[query->nparams++] = psprintf(INT64_FORMAT, rehearsal->nrows);
	if (checks_versions(rehearsal))
	{
		neon_array_end(&rehearsal->versions);
		params[query->nparams++] = rehearsal->versions.data;
	}
	if (takes_digest(rehearsal))
		params[query->nparams++] = rehearsal->digest;
	if (rehearsal->form == NEON_COMMIT_DEFAULTS)
	{
		neon_array_end(&rehearsal->updated);
		params[query->nparams++] = rehearsal->has_unpinnable ? NULL :
			rehearsal->updated.data;
	}
	query->sql = again_sql(rehearsal);
	query->params = params;
	query->ncolumns = 1;
}

/* Rows that are arrays can be put behind those of another such INSERT. */
static bool
is_joinable(const Rehearsal *rehearsal)
{
	const NeonWritePlan *plan = rehearsal->task->plan;

	return rehearsal->form == NEON_COMMIT_COUNT && plan->ngathered > 0 &&
		plan->ngathered == rehearsal->task->query.nparams;
}

/*
 * Queues the statement once more.  Together with others that differ in their
 * values only, it may become a turn.
 */
static void
queue_again(Rehearsal *rehearsal)
{
	const NeonWritePlan *plan = rehearsal->task->plan;
	NeonQuery	query;

	make_again(rehearsal, &query);
	if (is_joinable(rehearsal))
		query.joinable = true;
	else if (checks_versions(rehearsal) || takes_digest(rehearsal))
		query.turns = neon_turns_check_sql(query.sql, query.nparams);
	else if (!plan->returns)
		query.turns = neon_turns_sql(plan->now,
									 rehearsal->task->query.nparams,
									 rehearsal->touch.unseen ? NEON_WRONG_COUNT :
									 "another transaction has changed what this one changes");
	queue_write(rehearsal, &query);
}

/*
 * Rows of a table whose triggers change them: pins what the statement does
 * not say, if there is a row of the table for each of its rows.  Returns
 * false if not.
 */
static bool
queue_unnamed(Rehearsal *rehearsal)
{
	const NeonWriteTask *task = rehearsal->task;
	const NeonWritePlan *plan = task->plan;
	NeonPinSource source = {plan->source, plan->named, plan->names,
	plan->nnames, task->query.nparams, task->query.params};
	NeonQuery	query = {0};
	int64		nsource = plan->nsource > 0 ? plan->nsource : task->ngathered;

	if (plan->source == NULL || rehearsal->ninserted != nsource)
		return false;
	neon_array_end(&rehearsal->inserted);
	neon_pin_unnamed(&query, plan->table, &rehearsal->unnamed, &source,
					 rehearsal->inserted.data, nsource);
	queue_write(rehearsal, &query);
	return true;
}

static void
queue_rows(Rehearsal *rehearsal)
{
	const NeonWritePlan *plan = rehearsal->task->plan;
	NeonQuery	query = {0};

	if (rehearsal->ninserted > 0)
	{
		neon_array_end(&rehearsal->inserted);
		neon_pin_insert(&query, plan->table, &rehearsal->columns,
						rehearsal->inserted.data, rehearsal->ninserted,
						plan->skips);
		queue_write(rehearsal, &query);
	}
	if (rehearsal->nupdated > 0)
	{
		neon_array_end(&rehearsal->updated);
		neon_array_end(&rehearsal->versions);
		neon_pin_update(&query, plan->table, &rehearsal->columns, plan->keys,
						rehearsal->updated.data, rehearsal->versions.data,
						rehearsal->nupdated);
		/* a row that was written before must be so again before this */
		query.joinable = rehearsal->nown == 0;
		queue_write(rehearsal, &query);
	}
}

/* Nothing is queued for a statement that did nothing. */
static void
queue_rehearsed(Rehearsal *rehearsal)
{
	if (rehearsal->unnamed.names != NULL && queue_unnamed(rehearsal))
		return;
	if (pins(rehearsal) && rehearsal->ninserted + rehearsal->nupdated > 0 &&
		rehearsal->columns.names[0] != '\0' &&
		(rehearsal->unnamed.names == NULL || rehearsal->task->plan->returns))
		queue_rows(rehearsal);
	else if (rehearsal->nrows > 0)
		queue_again(rehearsal);
}

static void
init(Rehearsal *rehearsal, const NeonWriteTask *task)
{
	rehearsal->task = task;
	rehearsal->form = task->plan->form;
	rehearsal->touch = task->touch;
	initStringInfo(&rehearsal->inserted);
	initStringInfo(&rehearsal->updated);
	initStringInfo(&rehearsal->versions);
}

int64
neon_rehearse_write(const NeonWriteTask *task)
{
	Rehearsal	rehearsal = {0};

	init(&rehearsal, task);
	rehearse_statement(&rehearsal);
	queue_rehearsed(&rehearsal);
	return rehearsal.nrows;
}

void
neon_rehearse_changes(List *tasks, int64 *nrows)
{
	int			n = list_length(tasks);
	Rehearsal  *all = palloc0_array(Rehearsal, n);

	for (int i = 0; i < n; i++)
		init(&all[i], list_nth(tasks, i));
	if (n == 1 || !rehearse_all(all, n))
	{
		for (int i = 0; i < n; i++)
			nrows[i] = neon_rehearse_write(all[i].task);
		return;
	}
	for (int i = 0; i < n; i++)
	{
		(void) neon_transaction_knows(all[i].task->user, &all[i].touch);
		queue_rehearsed(&all[i]);
		nrows[i] = all[i].nrows;
	}
}

void
neon_queue_unseen(const NeonWriteTask *task, int64 nrows)
{
	Rehearsal	rehearsal = {.task = task,.form = NEON_COMMIT_COUNT};

	rehearsal.nrows = nrows;
	rehearsal.touch = task->touch;
	rehearsal.touch.unseen = true;
	(void) neon_transaction_knows(task->user, &rehearsal.touch);
	queue_again(&rehearsal);
}
