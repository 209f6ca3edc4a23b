/*-------------------------------------------------------------------------
 *
 * transaction/read_check.c
 *		What a local transaction has read under one user mapping.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>

#include "access/xact.h"
#include "common/hashfn.h"
#include "pgtime.h"
#include "utils/guc.h"

#include "deparse/read_digest.h"
#include "remote/guard.h"
#include "transaction/read_check.h"

/* Digests that are on their way. */
typedef struct Digests
{
	NeonReads  *reads;
	MemoryContext context;
	int			first;			/* statement of the request */
	int			n;
	NeonReadCheck **checks;		/* NULL where a statement has no digest */
} Digests;

static int	max_read_checks = 1000;

void
neon_read_checks_init(void)
{
	DefineCustomIntVariable("neon_http_fdw.max_read_checks",
							"Different reads that a transaction at REPEATABLE READ or SERIALIZABLE may make on a server.",
							NULL,
							&max_read_checks,
							1000,
							1, INT_MAX,
							PGC_USERSET,
							0,
							NULL, NULL, NULL);
}

/*
 * Nothing of a statement that may write can be computed again, and where each
 * statement commits by itself there is no transaction.
 */
bool
neon_reads_are_checked(const NeonConnection *connection)
{
	return IsolationUsesXactSnapshot() &&
		connection->options->read_checks != NEON_READ_CHECKS_OFF &&
		connection->options->read_only_scans &&
		!connection->options->autocommit;
}

/* ---------- what a read saw ---------- */

bool
neon_read_sees(const NeonReadCheck *check, const NeonQueuedWrite *write)
{
	return !write->check && write->number < check->number &&
		write->cid < check->cid;
}

bool
neon_read_is_known(const NeonReadCheck *check)
{
	return check->count != NULL && !check->dropped;
}

static bool
sees_any(const NeonReadCheck *check, List *writes)
{
	ListCell   *lc;

	foreach(lc, writes)
	{
		if (neon_read_sees(check, lfirst(lc)))
			return true;
	}
	return false;
}

bool
neon_reads_see_writes(const NeonReads *reads, List *writes)
{
	ListCell   *lc;

	foreach(lc, reads->checks)
	{
		if (sees_any(lfirst(lc), writes))
			return true;
	}
	return false;
}

bool
neon_reads_see_undone(const NeonReads *reads)
{
	ListCell   *lc;

	foreach(lc, reads->checks)
	{
		if (((NeonReadCheck *) lfirst(lc))->undone != NIL)
			return true;
	}
	return false;
}

static int
compare_numbers(const ListCell *a, const ListCell *b)
{
	const NeonQueuedWrite *left = lfirst(a);
	const NeonQueuedWrite *right = lfirst(b);

	return left->number < right->number ? -1 : left->number > right->number;
}

/* An inner subtransaction may have been rolled back before. */
bool
neon_reads_undo(NeonReads *reads, NeonQueuedWrite *write,
				MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	bool		needed = false;
	ListCell   *lc;

	foreach(lc, reads->checks)
	{
		NeonReadCheck *check = lfirst(lc);

		if (check->dropped || !neon_read_sees(check, write))
			continue;
		check->undone = lappend(check->undone, write);
		list_sort(check->undone, compare_numbers);
		needed = true;
	}
	MemoryContextSwitchTo(old);
	return needed;
}

/* ---------- new checks ---------- */

static bool
is_same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
is_same_read(const NeonReadCheck *a, const NeonReadCheck *b)
{
	if (a->query.sql != b->query.sql ||
		a->query.nparams != b->query.nparams ||
		a->query.read != b->query.read ||
		strcmp(a->timezone, b->timezone) != 0)
		return false;
	for (int i = 0; i < a->query.nparams; i++)
	{
		if (!is_same_text(a->query.params[i], b->query.params[i]))
			return false;
	}
	return true;
}

/* Have two reads seen the same of what this transaction has written? */
static bool
is_same_place(const NeonReadCheck *a, const NeonReadCheck *b, List *writes)
{
	ListCell   *lc;

	if (a->undone != NIL || b->undone != NIL)
		return false;
	foreach(lc, writes)
	{
		if (neon_read_sees(a, lfirst(lc)) != neon_read_sees(b, lfirst(lc)))
			return false;
	}
	return true;
}

/* The text of a statement, copied once. */
static const char *
keep_sql(const NeonReads *reads, const char *sql)
{
	ListCell   *lc;

	foreach(lc, reads->checks)
	{
		const NeonReadCheck *check = lfirst(lc);

		if (strcmp(check->query.sql, sql) == 0)
			return check->query.sql;
	}
	return pstrdup(sql);
}

static NeonReadCheck *
make_check(NeonReads *reads, const NeonQuery *query, CommandId cid,
		   int64 number, List *writes)
{
	NeonReadCheck *check = palloc0(sizeof(NeonReadCheck));
	const char **params = palloc((query->nparams + 2) * sizeof(char *));
	const char *sql = query->sql;

	check->cid = cid;
	check->number = number + 1;
	check->timezone = pstrdup(pg_get_timezone_name(session_timezone));
	check->request = reads->requests + 1;
	check->query = *query;
	if (query->read == NEON_READ_PRINTED && sees_any(check, writes))
		sql = neon_digest_without_places(sql);
	check->query.sql = keep_sql(reads, sql);
	check->query.shown = "";
	for (int i = 0; i < query->nparams; i++)
		params[i] = query->params[i] == NULL ? NULL :
			pstrdup(query->params[i]);
	check->query.params = params;
	return check;
}

static NeonReadCheck *
find_same(const NeonReads *reads, const NeonReadCheck *check, List *writes)
{
	ListCell   *lc;

	foreach(lc, reads->checks)
	{
		NeonReadCheck *other = lfirst(lc);

		if (other != check && neon_read_is_known(other) &&
			other->cid <= check->cid && is_same_read(other, check) &&
			is_same_place(other, check, writes))
			return other;
	}
	return NULL;
}

static void
add_check(NeonReads *reads, NeonReadCheck *check)
{
	int			n = 0;
	ListCell   *lc;

	foreach(lc, reads->checks)
		n += !((NeonReadCheck *) lfirst(lc))->dropped;
	if (n >= max_read_checks)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("transaction has made more than %d different reads on a server",
						max_read_checks),
				 errdetail("At REPEATABLE READ and SERIALIZABLE each of them is computed again by later requests."),
				 errhint("Read more with one statement, raise neon_http_fdw.max_read_checks, or set the server's option \"read_checks\" to \"commit\" or \"off\".")));
	reads->checks = lappend(reads->checks, check);
}

/* ---------- digests ---------- */

int
neon_read_digests_bound(int nqueries)
{
	return 3 * nqueries;		/* between two statements for a user's SQL */
}

static bool
has_digest(const NeonQuery *query)
{
	return query->read == NEON_READ_PRINTED ||
		(query->read == NEON_READ_OF_USER &&
		 neon_digest_is_possible(query->sql));
}

static void
digest_query(NeonQuery *query, const NeonReadCheck *check)
{
	*query = check->query;
	query->sql = neon_digest_sql(check->query.sql);
	query->ncolumns = 2;
}

int
neon_read_digests(NeonReads *reads, MemoryContext context,
				  const NeonQuery *reading, int nreading, CommandId cid,
				  int64 number, List *writes, bool each, NeonQuery *queries,
				  void **arg)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	Digests    *digests = palloc0(sizeof(Digests));
	int			n = 0;

	digests->reads = reads;
	digests->context = context;
	digests->checks = palloc0(neon_read_digests_bound(nreading) *
							  sizeof(NeonReadCheck *));
	for (int i = 0; i < nreading; i++)
	{
		NeonReadCheck *check;
		bool		framed = reading[i].read == NEON_READ_OF_USER;

		if (!has_digest(&reading[i]))
			continue;
		check = make_check(reads, &reading[i], cid, number, writes);
		if (each && find_same(reads, check, writes) != NULL)
			continue;
		add_check(reads, check);
		if (framed)
			neon_guard_enter(&queries[n++], false);
		digests->checks[n] = check;
		digest_query(&queries[n++], check);
		if (framed)
			neon_guard_leave(&queries[n++]);
	}
	digests->n = n;
	MemoryContextSwitchTo(old);
	*arg = digests;
	return n;
}

void
neon_read_digests_start(void *arg, int first)
{
	((Digests *) arg)->first = first;
}

/* A request that is sent again brings the digests of another snapshot. */
void
neon_read_digest_row(void *arg, int i, const NeonRow *row)
{
	Digests    *digests = arg;
	NeonReads  *reads = digests->reads;
	NeonReadCheck *check;

	i -= digests->first;
	if (i < 0 || i >= digests->n || digests->checks[i] == NULL)
		return;
	check = digests->checks[i];
	check->count = MemoryContextStrdup(digests->context, row->values[0]);
	check->sum = row->values[1] == NULL ? NULL :
		MemoryContextStrdup(digests->context, row->values[1]);
	if (reads->requests > check->request)
		reads->unverified = true;
}
