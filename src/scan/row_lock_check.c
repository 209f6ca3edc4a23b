/*-------------------------------------------------------------------------
 *
 * scan/row_lock_check.c
 *		Locked rows, as a check that runs at the commit.
 *
 * Rows come one by one and are queued together, see transaction/pending.h.
 * Checks run before all writes of the transaction, since they are about the
 * rows as they were before these.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/memutils.h"

#include "compat/compat.h"
#include "deparse/check.h"
#include "remote/array_text.h"
#include "scan/row_lock_check.h"

/* Rows that wait to be queued. */
typedef struct LockSet
{
	NeonPending pending;		/* must be first */
	struct LockSet *next;
	MemoryContext context;		/* holds the set */
	UserMapping user;			/* as it was, without options */
	NeonLock	lock;
	NeonRowVersion *rows;
	int			nrows;
	int			max_rows;
} LockSet;

/* All sets live in this context, NULL: there are none. */
static MemoryContext sets_context = NULL;
static LockSet *sets = NULL;

static void
forget_sets(void *arg)
{
	sets_context = NULL;
	sets = NULL;
}

static void
init_sets(void)
{
	MemoryContextCallback *callback;

	if (sets_context != NULL)
		return;
	sets_context = AllocSetContextCreate(TopTransactionContext, "neon locks",
										 ALLOCSET_SMALL_SIZES);
	callback = MemoryContextAllocZero(sets_context,
									  sizeof(MemoryContextCallback));
	callback->func = forget_sets;
	MemoryContextRegisterResetCallback(sets_context, callback);
}

/* Drops the sets that were queued, or rolled back with a subtransaction. */
static void
drop_unlisted(void)
{
	LockSet   **link = &sets;

	while (*link != NULL)
	{
		LockSet    *set = *link;

		if (set->pending.listed)
			link = &set->next;
		else
		{
			*link = set->next;
			MemoryContextDelete(set->context);
		}
	}
}

/* ---------- the check ---------- */

static int
compare_rows(const void *a, const void *b)
{
	const NeonRowVersion *left = a;
	const NeonRowVersion *right = b;

	if (left->tableoid != right->tableoid)
		return left->tableoid < right->tableoid ? -1 : 1;
	if (left->xmin != right->xmin)
		return left->xmin < right->xmin ? -1 : 1;
	return ItemPointerCompare((ItemPointer) &left->ctid,
							  (ItemPointer) &right->ctid);
}

/* A join returns a row once for each of its partners. */
static int
remove_duplicates(NeonRowVersion *rows, int n)
{
	int			kept = 0;

	qsort(rows, n, sizeof(NeonRowVersion), compare_rows);
	for (int i = 0; i < n; i++)
	{
		if (i == 0 || compare_rows(&rows[kept - 1], &rows[i]) != 0)
			rows[kept++] = rows[i];
	}
	return kept;
}

static const char **
check_params(const NeonRowVersion *rows, int n)
{
	const char **params = palloc(4 * sizeof(char *));
	StringInfoData buf[3];
	char		text[64];

	for (int i = 0; i < 3; i++)
		initStringInfo(&buf[i]);
	for (int i = 0; i < n; i++)
	{
		snprintf(text, sizeof(text), "(%u,%u)",
				 ItemPointerGetBlockNumberNoCheck(&rows[i].ctid),
				 ItemPointerGetOffsetNumberNoCheck(&rows[i].ctid));
		neon_array_append(&buf[0], text);
		snprintf(text, sizeof(text), "%u", rows[i].tableoid);
		neon_array_append(&buf[1], text);
		snprintf(text, sizeof(text), "%u", rows[i].xmin);
		neon_array_append(&buf[2], text);
	}
	params[0] = psprintf("%d", n);
	for (int i = 0; i < 3; i++)
	{
		neon_array_end(&buf[i]);
		params[i + 1] = buf[i].data;
	}
	return params;
}

/* The check counts the rows that still have the same version. */
static const char *
check_sql(const NeonLock *lock)
{
	const char *select =
		psprintf("SELECT 1 FROM %s AS r,"
				 " unnest($2::tid[], $3::oid[], $4::xid[]) AS u(c, o, x)"
				 " WHERE r.ctid = u.c AND r.tableoid = u.o AND r.xmin = u.x"
				 " %s OF r", lock->table, lock->clause);

	return neon_check_sql(select, "count(*) = $1::bigint",
						  "a locked row was changed by another transaction");
}

/* Queues the rows of a set. */
static void
flush(NeonPending *pending)
{
	LockSet    *set = (LockSet *) pending;
	MemoryContext context = AllocSetContextCreate(TopTransactionContext,
												  "neon lock check",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	int			n = remove_duplicates(set->rows, set->nrows);
	NeonQuery	query = {0};

	query.sql = check_sql(&set->lock);
	query.nparams = 4;
	query.params = check_params(set->rows, n);
	query.ncolumns = 1;
	MemoryContextSwitchTo(old);
	neon_transaction_adopt_check(&set->user,
								 context, &query, pending->cid,
								 pending->level, set->lock.alone);
}

/* ---------- rows ---------- */

static LockSet *
find_set(const NeonLock *lock)
{
	LockSet    *set;

	drop_unlisted();
	for (set = sets; set != NULL; set = set->next)
	{
		if (set->user.umid == lock->user->umid && set->pending.cid == lock->cid &&
			set->lock.clause == lock->clause &&
			set->pending.level == GetCurrentTransactionNestLevel() &&
			strcmp(set->lock.table, lock->table) == 0)
			break;
	}
	return set;
}

static LockSet *
make_set(const NeonLock *lock)
{
	MemoryContext context;
	LockSet    *set;

	init_sets();
	context = AllocSetContextCreate(sets_context, "neon lock",
									ALLOCSET_SMALL_SIZES);
	set = MemoryContextAllocZero(context, sizeof(LockSet));
	set->context = context;
	set->user = *lock->user;
	set->user.options = NIL;
	set->lock = *lock;
	set->lock.user = NULL;
	set->lock.table = MemoryContextStrdup(context, lock->table);
	set->max_rows = 16;
	set->rows = MemoryContextAlloc(context,
								   set->max_rows * sizeof(NeonRowVersion));
	set->pending.cid = lock->cid;
	set->pending.flush = flush;
	neon_pending_add(&set->pending);
	set->next = sets;
	sets = set;
	return set;
}

void
neon_lock_gather(const NeonLock *lock, const NeonRowVersion *version)
{
	LockSet    *set;

	/* No other transaction can change what this one has written. */
	if (!TransactionIdIsValid(version->xmin))
		return;
	set = find_set(lock);
	if (set == NULL)
		set = make_set(lock);
	if (set->nrows == set->max_rows)
	{
		set->max_rows *= 2;
		set->rows = repalloc_huge(set->rows,
								  set->max_rows * sizeof(NeonRowVersion));
	}
	set->rows[set->nrows++] = *version;
}
