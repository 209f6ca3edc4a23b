/*-------------------------------------------------------------------------
 *
 * transaction/queued_write.c
 *		A statement that waits for the commit, and how several are sent.
 *
 * The whole queue is sent with each rehearsal and each read.  A transaction
 * of thousands of small statements is bearable only because statements that
 * follow each other, and differ in nothing but their values, are sent as one.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "pgtime.h"
#include "utils/memutils.h"

#include "remote/array_text.h"
#include "transaction/queued_write.h"
#include "transaction/turns.h"

static List *
copy_texts(MemoryContext context, List *texts)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	List	   *copy = NIL;
	ListCell   *lc;

	foreach(lc, texts)
		copy = lappend(copy, pstrdup(lfirst(lc)));
	MemoryContextSwitchTo(old);
	return copy;
}

/* Facts live longer than the write. */
static const NeonTouch *
copy_touch(MemoryContext context, const NeonTouch *touch)
{
	NeonTouch  *copy = MemoryContextAlloc(context, sizeof(NeonTouch));

	*copy = *touch;
	copy->subject = touch->fact->subject;
	copy->rows = copy_texts(context, touch->rows);
	return copy;
}

NeonQueuedWrite *
neon_queued_write(MemoryContext context, const NeonQuery *query,
				  CommandId cid, const NeonTouch *touch)
{
	NeonQueuedWrite *write =
		MemoryContextAllocZero(context, sizeof(NeonQueuedWrite));

	write->context = context;
	write->query = *query;
	write->cid = cid;
	write->timezone =
		MemoryContextStrdup(context, pg_get_timezone_name(session_timezone));
	if (touch != NULL && touch->fact != NULL)
		write->touch = copy_touch(context, touch);
	return write;
}

/*
 * Each write may need a setting of the time zone before it, and the last one
 * another behind it.  The turns of two or more writes are two statements.
 */
int
neon_queued_writes_bound(List *writes)
{
	return 2 * list_length(writes) + 1;
}

void
neon_set_timezone(NeonQuery *query, const char *timezone)
{
	memset(query, 0, sizeof(NeonQuery));
	query->sql = "SELECT pg_catalog.set_config('TimeZone', $1, true)";
	query->nparams = 1;
	query->params = neon_one_param(timezone);
	query->ncolumns = 1;
}

/* Can two writes be sent as one statement? */
static bool
can_join(const NeonQueuedWrite *a, const NeonQueuedWrite *b)
{
	if (a->query.nparams != b->query.nparams ||
		strcmp(a->timezone, b->timezone) != 0)
		return false;
	if (a->query.turns != NULL && b->query.turns != NULL)
		return strcmp(a->query.turns, b->query.turns) == 0;
	return a->query.joinable && b->query.joinable &&
		strcmp(a->query.sql, b->query.sql) == 0;
}

/* Joins the arrays of one parameter: "{1,2}" and "{3}" become "{1,2,3}". */
static char *
join_arrays(List *writes, int first, int last, int param)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = first; i <= last; i++)
	{
		NeonQueuedWrite *write = list_nth(writes, i);

		neon_array_append_all(&buf, write->query.params[param]);
	}
	neon_array_end(&buf);
	return buf.data;
}

/* Makes one statement of the joinable writes from first to last. */
static void
join_writes(NeonQuery *query, List *writes, int first, int last)
{
	NeonQueuedWrite *write = list_nth(writes, first);
	int			n = write->query.nparams;
	const char **params = palloc(n * sizeof(char *));
	int64		nrows = 0;

	for (int i = first; i <= last; i++)
	{
		write = list_nth(writes, i);
		nrows += strtoll(write->query.params[n - 1], NULL, 10);
	}
	for (int i = 0; i < n - 1; i++)
		params[i] = join_arrays(writes, first, last, i);
	params[n - 1] = psprintf(INT64_FORMAT, nrows);
	*query = write->query;
	query->params = params;
	query->nrows = nrows;
}

/* Makes turns of the writes from first to last, which are two statements. */
static void
take_turns(NeonQuery *queries, List *writes, int first, int last)
{
	NeonQueuedWrite *write = list_nth(writes, first);
	StringInfoData values;

	initStringInfo(&values);
	for (int i = first; i <= last; i++)
	{
		NeonQuery  *query = &((NeonQueuedWrite *) list_nth(writes, i))->query;

		for (int j = 0; j < query->nparams; j++)
			neon_array_append(&values, query->params[j]);
	}
	neon_array_end(&values);
	memset(queries, 0, 2 * sizeof(NeonQuery));
	queries[0].sql = neon_turns_values_sql();
	queries[0].shown = "";
	queries[0].nparams = 1;
	queries[0].params = neon_one_param(values.data);
	queries[0].ncolumns = 1;
	queries[1].sql = write->query.turns;
	queries[1].shown = write->query.shown;
}

/* Finds the last write that can be sent in one statement with the first. */
static int
find_last(List *writes, int first, CommandId cid)
{
	NeonQueuedWrite *write = list_nth(writes, first);
	int			i;

	for (i = first + 1; i < list_length(writes); i++)
	{
		NeonQueuedWrite *next = list_nth(writes, i);

		if (next->cid >= cid || !can_join(write, next))
			break;
	}
	return i - 1;
}

int
neon_queued_writes_sql(NeonQuery *queries, List *writes, CommandId cid)
{
	const char *session = pg_get_timezone_name(session_timezone);
	const char *timezone = session;
	int			n = 0;

	for (int i = 0; i < list_length(writes); i++)
	{
		NeonQueuedWrite *write = list_nth(writes, i);
		int			last;

		if (write->cid >= cid)
			continue;
		if (strcmp(write->timezone, timezone) != 0)
			neon_set_timezone(&queries[n++], timezone = write->timezone);
		last = find_last(writes, i, cid);
		if (last > i && write->query.turns != NULL)
		{
			take_turns(&queries[n], writes, i, last);
			n += 2;
		}
		else if (last > i)
			join_writes(&queries[n++], writes, i, last);
		else
			queries[n++] = write->query;
		i = last;
	}
	if (strcmp(timezone, session) != 0)
		neon_set_timezone(&queries[n++], session);
	return n;
}
