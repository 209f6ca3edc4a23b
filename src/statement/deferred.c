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
#include "transaction/alone.h"
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
	NeonTouched *touched;		/* the rows; NULL if nobody asks for them */
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
	deferred->ncolumns = plan->ngathered;
	deferred->columns = palloc(deferred->ncolumns * sizeof(StringInfoData));
	for (int i = 0; i < deferred->ncolumns; i++)
		initStringInfo(&deferred->columns[i]);
	neon_write_touch(&deferred->touch, &deferred->plan, NULL);
	deferred->touch.kind = task->touch.kind;
	if (neon_assumes_row_counts())
		deferred->touched = neon_touched_create(context);
	deferred->pending.cid = task->cid;
	deferred->pending.flush = flush;
	MemoryContextSwitchTo(old);
	neon_pending_add(&deferred->pending);
	return deferred;
}

/* Appends the values of the statement's parameters to the arrays. */
static void
append_values(Deferred *deferred, const NeonWriteTask *task)
{
	const NeonWritePlan *plan = task->plan;
	int			nvalues = plan->cell_arrays ? 1 : plan->cell_rows;
	ListCell   *lc;

	foreach(lc, plan->cell_params)
	{
		const char *param = task->query.params[lfirst_int(lc) - 1];
		StringInfo	column =
			&deferred->columns[foreach_current_index(lc) / nvalues];

		if (plan->cell_arrays)
			neon_array_append_all(column, param);
		else
			neon_array_append(column, param);
	}
}

static void
append_touched(Deferred *deferred, const NeonWriteTask *task)
{
	NeonTouch	touch = deferred->touch;

	if (deferred->touched == NULL)
		return;
	touch.rows = task->touch.rows;
	(void) neon_transaction_knows(task->user, &touch);
	neon_touched_add(deferred->touched, &touch);
}

static void
append_rows(Deferred *deferred, const NeonWriteTask *task)
{
	MemoryContext old = MemoryContextSwitchTo(deferred->context);
	ListCell   *lc;

	append_values(deferred, task);
	append_touched(deferred, task);
	foreach(lc, task->touch.rows)
		deferred->touch.rows = lappend(deferred->touch.rows,
									   pstrdup(lfirst(lc)));
	deferred->nrows += task->plan->cell_rows;
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

/*
 * The rows wait if the client does not wait for their outcome yet, and those
 * of its last statement if the transaction ends with that.  Then they need no
 * rehearsal: PostgreSQL commits before it answers this statement.  What goes
 * wrong on the remote, or here on the way to the commit, is this statement's
 * error; all that the pipeline has written before is a part of the same
 * transaction, and forgotten with it.  It is an ordinary commit, with all that
 * it takes care of: what can fail here fails first, several servers have an
 * order, a ledger can tell the outcome.
 */
static bool
defer_insert(const NeonWriteTask *task, bool in_pipeline, bool is_last)
{
	bool		waits = neon_counts_here() &&
		(in_pipeline || is_last || neon_errors_at_commit());
	Deferred   *deferred = find_rows(task);

	if (!waits && deferred == NULL)
		return false;
	if (deferred == NULL)
		deferred = begin(task);
	append_rows(deferred, task);
	if (!waits)
	{
		neon_pending_remove(&deferred->pending);
		flush(&deferred->pending);
	}
	return true;
}

/*
 * With neon_http_fdw.pipeline_row_counts = assumed: one row by its key, of a
 * table on which nothing ties that row to others.  The count is verified with
 * all that waits: at the end of the pipeline, by the next statement that reads,
 * or at the commit.  What is known of the table is filled in.
 */
static bool
may_assume(NeonWriteTask *task)
{
	NeonTouch  *touch = &task->touch;

	return neon_assumes_row_counts() && !IsolationUsesXactSnapshot() &&
		task->plan->command != CMD_INSERT &&
		task->plan->form == NEON_COMMIT_COUNT && !task->plan->returns &&
		touch->kind == NEON_TOUCH_ROWS &&
		neon_transaction_knows(task->user, touch) &&
		touch->fact->independent;
}

/* Can rows that wait matter to a write of one row by its key? */
static bool
matters(const NeonPending *pending, const void *arg)
{
	const Deferred *deferred = (const Deferred *) pending;
	const NeonWriteTask *task = arg;

	if (pending->flush != flush)
		return true;
	if (deferred->user.umid != task->user->umid)
		return false;
	return deferred->touched == NULL ||
		neon_touched_ties(deferred->touched, &task->touch);
}

bool
neon_defer_write(const NeonWriteTask *task, EState *estate, int64 *nrows)
{
	NeonWriteTask one;
	bool		is_last;
	bool		in_pipeline;

	if (!neon_client_statement(estate) ||
		neon_transaction_autocommit(task->user))
		return false;
	is_last = neon_ends_transaction(estate);
	in_pipeline = !is_last && !neon_client_is_simple() &&
		neon_client_next() == NEON_CLIENT_MORE;
	*nrows = Max(task->plan->cell_rows, 1);
	if (task->plan->gathered_form != NULL)
		return defer_insert(task, in_pipeline, is_last);
	if (!(in_pipeline || is_last || neon_errors_at_commit()))
		return false;
	one = *task;
	if (!may_assume(&one))
		return false;
	/* it goes to the queue at once, before rows that still wait */
	if (neon_pending_any(matters, &one))
		neon_pending_flush(InvalidCommandId);
	neon_queue_unseen(&one, 1);
	return true;
}
