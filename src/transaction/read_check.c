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
#include "transaction/read_check.h"

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
	int			n = query->reads != NULL ? query->nreads : query->nparams;
	const char **params = palloc((n + 2) * sizeof(char *));
	const char *sql = query->reads != NULL ? query->reads : query->sql;

	check->cid = cid;
	check->number = number + 1;
	check->timezone = pstrdup(pg_get_timezone_name(session_timezone));
	check->request = reads->requests + 1;
	check->query = *query;
	if (query->read == NEON_READ_PRINTED && sees_any(check, writes))
		sql = neon_digest_without_places(sql);
	check->query.sql = keep_sql(reads, sql);
	check->query.shown = "";
	check->query.reads = NULL;
	for (int i = 0; i < n; i++)
		params[i] = query->params[i] == NULL ? NULL :
			pstrdup(query->params[i]);
	check->query.params = params;
	check->query.nparams = n;
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

/* There may be only so many. */
static void
check_number(const NeonReads *reads)
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
}

static bool
has_digest(const NeonQuery *query)
{
	return query->read == NEON_READ_PRINTED ||
		(query->read == NEON_READ_OF_USER &&
		 neon_digest_is_possible(query->sql));
}

NeonReadCheck *
neon_read_check_add(NeonReads *reads, MemoryContext context,
					const NeonQuery *reading, CommandId cid, int64 number,
					List *writes, bool each)
{
	MemoryContext old;
	NeonReadCheck *check;

	if (!has_digest(reading))
		return NULL;
	old = MemoryContextSwitchTo(context);
	check = make_check(reads, reading, cid, number, writes);
	if (each && find_same(reads, check, writes) != NULL)
		check = NULL;
	else
	{
		check_number(reads);
		reads->checks = lappend(reads->checks, check);
	}
	MemoryContextSwitchTo(old);
	return check;
}
