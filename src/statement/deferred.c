/*-------------------------------------------------------------------------
 *
 * statement/deferred.c
 *		Writes whose outcome nobody waits for yet.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "pgtime.h"
#include "utils/memutils.h"

#include "remote/array_text.h"
#include "statement/deferred.h"
#include "transaction/client.h"
#include "transaction/pending.h"
#include "transaction/write_settings.h"

/*
 * Rows of one INSERT, executed again and again.  Lives in a context of its
 * own, until the rows are queued or the transaction ends.
 */
typedef struct Deferred
{
	NeonPending pending;		/* must be first */
	MemoryContext context;
	NeonWritePlan plan;			/* with rows as arrays */
	UserMapping user;
	const char *timezone;
	int			ncolumns;
	StringInfoData *columns;	/* arrays of texts, not ended yet */
	int64		nrows;
	NeonTouch	touch;
} Deferred;

/* ---------- the rows that wait ---------- */

static void
keep_no_row(void *arg, const NeonRow *row)
{
}

/*
 * Ends the arrays: what waits becomes one statement.  Rows that are rehearsed
 * must be as many as the client was told.
 */
static void
fill_task(Deferred *deferred, NeonWriteTask *task, NeonStats *stats)
{
	const char **params = palloc(deferred->ncolumns * sizeof(char *));

	memset(task, 0, sizeof(NeonWriteTask));
	for (int i = 0; i < deferred->ncolumns; i++)
	{
		neon_array_end(&deferred->columns[i]);
		params[i] = deferred->columns[i].data;
	}
	task->plan = &deferred->plan;
	task->query.nparams = deferred->ncolumns;
	task->query.params = params;
	task->ngathered = deferred->nrows;
	task->cid = deferred->pending.cid;
	task->user = &deferred->user;
	task->stats = stats;
	task->keep_row = keep_no_row;
	task->touch = deferred->touch;
}

static void
flush(NeonPending *pending)
{
	Deferred   *deferred = (Deferred *) pending;
	NeonStats	stats = {0};
	NeonWriteTask task;

	neon_pending_remove(pending);
	fill_task(deferred, &task, &stats);
	if (neon_transaction_is_committing())
		neon_queue_unseen(&task, deferred->nrows);
	else if (neon_rehearse_write(&task) != deferred->nrows)
	{
		neon_count_remotely();
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("the remote server inserts fewer rows than the statements of a pipeline have"),
				 errdetail("A trigger or rule of the remote table %s leaves rows out.",
						   deferred->plan.table),
				 errhint("Retry the transaction: this session now asks the remote server for the count of each statement.")));
	}
	MemoryContextDelete(deferred->context);
}

/* Copies what a plan, which may be gone before the rows are sent, says. */
static void
copy_plan(NeonWritePlan *copy, const NeonWritePlan *plan)
{
	neon_write_plan_read(copy, copyObject(neon_write_plan_list(plan)));
}

static Deferred *
begin(const NeonWriteTask *task)
{
	const NeonWritePlan *plan = task->plan->gathered_form;
	MemoryContext context = AllocSetContextCreate(TopTransactionContext,
												  "neon deferred rows",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Deferred   *deferred = palloc0(sizeof(Deferred));

	deferred->context = context;
	copy_plan(&deferred->plan, plan);
	deferred->user = *task->user;
	deferred->user.options = NIL;
	deferred->timezone = pstrdup(pg_get_timezone_name(session_timezone));
	deferred->ncolumns = task->query.nparams;
	deferred->columns = palloc(deferred->ncolumns * sizeof(StringInfoData));
	for (int i = 0; i < deferred->ncolumns; i++)
		initStringInfo(&deferred->columns[i]);
	neon_write_touch(&deferred->touch, &deferred->plan, NULL);
	deferred->touch.kind = task->touch.kind;
	deferred->pending.cid = task->cid;
	deferred->pending.flush = flush;
	MemoryContextSwitchTo(old);
	neon_pending_add(&deferred->pending);
	return deferred;
}

static void
append_row(Deferred *deferred, const NeonWriteTask *task)
{
	MemoryContext old = MemoryContextSwitchTo(deferred->context);
	ListCell   *lc;

	for (int i = 0; i < deferred->ncolumns; i++)
		neon_array_append(&deferred->columns[i], task->query.params[i]);
	foreach(lc, task->touch.rows)
		deferred->touch.rows = lappend(deferred->touch.rows,
									   pstrdup(lfirst(lc)));
	deferred->nrows++;
	MemoryContextSwitchTo(old);
}

/* The rows that wait, if they are of the same statement; else NULL. */
static Deferred *
find_rows(const NeonWriteTask *task)
{
	Deferred   *deferred = (Deferred *) neon_pending_last();

	if (deferred == NULL || deferred->pending.flush != flush ||
		deferred->pending.level != GetCurrentTransactionNestLevel() ||
		deferred->user.umid != task->user->umid ||
		deferred->user.userid != task->user->userid ||
		deferred->touch.kind != task->touch.kind ||
		strcmp(deferred->plan.now, task->plan->gathered_form->now) != 0 ||
		strcmp(deferred->timezone, pg_get_timezone_name(session_timezone)) != 0)
		return NULL;
	return deferred;
}

/* ---------- may a statement wait? ---------- */

static bool
defer_insert(const NeonWriteTask *task, EState *estate, bool in_pipeline)
{
	bool		waits = (in_pipeline && neon_counts_here()) ||
		neon_errors_at_commit();
	Deferred   *deferred = find_rows(task);

	if (!waits && deferred == NULL)
		return false;
	if (deferred == NULL)
		deferred = begin(task);
	append_row(deferred, task);
	if (!waits)
		flush(&deferred->pending);
	return true;
}

/*
 * With neon_http_fdw.pipeline_row_counts = assumed: one row by its key, which
 * no other write of the transaction concerns.
 */
static bool
may_assume(const NeonWriteTask *task, bool in_pipeline)
{
	NeonTouch	touch = task->touch;

	return in_pipeline && neon_assumes_row_counts() &&
		task->plan->command != CMD_INSERT &&
		task->plan->form == NEON_COMMIT_COUNT && !task->plan->returns &&
		touch.kind == NEON_TOUCH_ROWS &&
		neon_transaction_knows(task->user, &touch) &&
		touch.fact->independent;
}

bool
neon_defer_write(const NeonWriteTask *task, EState *estate, int64 *nrows)
{
	bool		in_pipeline;

	if (!neon_client_statement(estate) ||
		neon_transaction_autocommit(task->user))
		return false;
	in_pipeline = !neon_client_is_simple() &&
		neon_client_next() == NEON_CLIENT_MORE;
	*nrows = 1;
	if (task->plan->gathered_form != NULL)
		return defer_insert(task, estate, in_pipeline);
	if (!may_assume(task, in_pipeline))
		return false;
	neon_queue_unseen(task, 1);
	return true;
}
