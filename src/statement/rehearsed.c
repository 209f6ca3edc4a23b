/*-------------------------------------------------------------------------
 *
 * statement/rehearsed.c
 *		What a rehearsal has brought, and what is queued of it.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "deparse/check.h"
#include "remote/array_text.h"
#include "statement/rehearsed.h"
#include "transaction/transaction.h"
#include "transaction/turns.h"

bool
neon_rehearsal_lacks_versions(const NeonRehearsal *rehearsal)
{
	NeonCommitForm planned = rehearsal->task->plan->form;

	return rehearsal->form == NEON_COMMIT_COUNT &&
		(planned == NEON_COMMIT_VERSIONS || planned == NEON_COMMIT_DEFAULTS ||
		 planned == NEON_COMMIT_ROWS);
}

bool
neon_rehearsal_adds_versions(const NeonRehearsal *rehearsal)
{
	return rehearsal->form == NEON_COMMIT_VERSIONS &&
		rehearsal->task->plan->form == NEON_COMMIT_COUNT;
}

bool
neon_rehearsal_checks_versions(const NeonRehearsal *rehearsal)
{
	return rehearsal->form == NEON_COMMIT_VERSIONS ||
		rehearsal->form == NEON_COMMIT_DEFAULTS;
}

bool
neon_rehearsal_pins(const NeonRehearsal *rehearsal)
{
	return rehearsal->form == NEON_COMMIT_ROWS ||
		rehearsal->form == NEON_COMMIT_UPSERT;
}

/* Queues a statement that stands for the rehearsed one. */
static void
queue_write(NeonRehearsal *rehearsal, NeonQuery *query)
{
	query->shown = rehearsal->task->plan->now;
	neon_transaction_queue(rehearsal->task->user, query,
						   rehearsal->task->cid, &rehearsal->touch);
}

/* Can the values that DEFAULT gave be pinned? */
static bool
pins_defaults(const NeonRehearsal *rehearsal)
{
	return rehearsal->form == NEON_COMMIT_DEFAULTS &&
		!rehearsal->has_unpinnable &&
		(rehearsal->nown <= 1 || rehearsal->task->plan->pins_own);
}

/* An INSERT without RETURNING, whose rows may be others next time. */
static bool
takes_digest(const NeonRehearsal *rehearsal)
{
	const NeonWritePlan *plan = rehearsal->task->plan;

	return rehearsal->form == NEON_COMMIT_ROWS && !plan->returns &&
		plan->source == NULL;
}

/* What the commit runs: the statement once more, with a check. */
static const char *
again_sql(const NeonRehearsal *rehearsal)
{
	const NeonWritePlan *plan = rehearsal->task->plan;
	int			nparams = rehearsal->task->query.nparams;

	if (neon_rehearsal_lacks_versions(rehearsal) || rehearsal->touch.unseen)
		return neon_check_sql(plan->returns ? plan->now :
							  psprintf("%s RETURNING 1", plan->now),
							  psprintf("count(*) = $%d::bigint", nparams + 1),
							  rehearsal->touch.unseen ? NEON_WRONG_COUNT :
							  plan->form == NEON_COMMIT_ROWS ?
							  "another transaction has changed what this one inserts" :
							  "a row that this transaction changes was changed by another one");
	if (neon_rehearsal_adds_versions(rehearsal))
		return plan->versioned_commit;
	return pins_defaults(rehearsal) ? plan->pinned : plan->commit;
}

/* The statement once more, with what it must concern behind its parameters. */
static void
make_again(NeonRehearsal *rehearsal, NeonQuery *query)
{
	const NeonQuery *base = &rehearsal->task->query;
	const char **params = palloc((base->nparams + 3) * sizeof(char *));

	*query = *base;
	memcpy(params, base->params, base->nparams * sizeof(char *));
	params[query->nparams++] = psprintf(INT64_FORMAT, rehearsal->nrows);
	if (neon_rehearsal_checks_versions(rehearsal))
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
is_joinable(const NeonRehearsal *rehearsal)
{
	const NeonWritePlan *plan = rehearsal->task->plan;

	return rehearsal->form == NEON_COMMIT_COUNT &&
		!neon_rehearsal_lacks_versions(rehearsal) && plan->ngathered > 0 &&
		plan->ngathered == rehearsal->task->query.nparams;
}

void
neon_queue_again(NeonRehearsal *rehearsal)
{
	const NeonWritePlan *plan = rehearsal->task->plan;
	NeonQuery	query;

	make_again(rehearsal, &query);
	if (is_joinable(rehearsal))
		query.joinable = true;
	else if (neon_rehearsal_checks_versions(rehearsal) || takes_digest(rehearsal))
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
queue_unnamed(NeonRehearsal *rehearsal)
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
queue_rows(NeonRehearsal *rehearsal)
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

/*
 * That a statement concerns no row is something the transaction has read, so
 * that the commit must find the same, where reads are checked.  What an INSERT
 * has read to make no row of it is checked by itself.
 */
static bool
is_read_of_no_row(const NeonRehearsal *rehearsal)
{
	const NeonWritePlan *plan = rehearsal->task->plan;

	return rehearsal->nrows == 0 &&
		(plan->reads == NULL || plan->skips) &&
		neon_transaction_checks_reads(rehearsal->task->user);
}

void
neon_queue_rehearsed(NeonRehearsal *rehearsal)
{
	if (rehearsal->unnamed.names != NULL && queue_unnamed(rehearsal))
		return;
	if (neon_rehearsal_pins(rehearsal) && rehearsal->ninserted + rehearsal->nupdated > 0 &&
		rehearsal->columns.names[0] != '\0' &&
		(rehearsal->unnamed.names == NULL || rehearsal->task->plan->returns))
		queue_rows(rehearsal);
	else if (rehearsal->nrows > 0 || is_read_of_no_row(rehearsal))
		neon_queue_again(rehearsal);
}
