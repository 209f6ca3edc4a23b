/*-------------------------------------------------------------------------
 *
 * transaction/script.c
 *		What a request does before anything else: the writes that wait, and
 *		the checks of what was read, each in its place among them.
 *
 * Checks of one place that differ in their values only are sent as one, as
 * those of a nested loop or of many lookups by key do.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "pgtime.h"

#include "deparse/read_digest.h"
#include "remote/array_text.h"
#include "remote/guard.h"
#include "transaction/script.h"

/* A script that is being written. */
typedef struct Script
{
	NeonQuery  *queries;
	int			n;
	NeonStats  *stats;
} Script;

#define SAVEPOINT	"neon_http_read"

/*
 * Of a check: time zone, frame and savepoint around it, and the time zone set
 * back behind the writes before it.
 */
#define CHECK_BOUND	9

int
neon_script_bound(const NeonQueue *queue, List *writes, NeonVerify verify)
{
	int			n = neon_queued_writes_bound(writes);
	ListCell   *lc;

	if (verify != NEON_VERIFY_ALL)
		return n;
	foreach(lc, queue->reads.checks)
		n += CHECK_BOUND +
		neon_queued_writes_bound(((NeonReadCheck *) lfirst(lc))->undone);
	return n;
}

/* ---------- checks ---------- */

static void
append(Script *script, const NeonQuery *query)
{
	script->queries[script->n++] = *query;
}

static void
append_sql(Script *script, const char *sql)
{
	NeonQuery	query = {.sql = sql,.shown = ""};

	append(script, &query);
}

static void
append_check(Script *script, const NeonQuery *query, int nchecks)
{
	NeonStats  *stats = script->stats;

	stats->read_checks += nchecks;
	stats->check_bytes += strlen(query->sql);
	for (int i = 0; i < query->nparams; i++)
		stats->check_bytes += query->params[i] == NULL ? 0 :
			strlen(query->params[i]);
	append(script, query);
}

static void
one_check(NeonQuery *query, const NeonReadCheck *check)
{
	int			n = check->query.nparams;
	const char **params = palloc((n + 2) * sizeof(char *));

	memcpy(params, check->query.params, n * sizeof(char *));
	params[n] = check->count;
	params[n + 1] = check->sum;
	*query = check->query;
	query->sql = neon_digest_check_sql(check->query.sql, n);
	query->params = params;
	query->nparams = n + 2;
	query->ncolumns = 1;
}

static void
many_checks(NeonQuery *query, List *checks)
{
	const NeonReadCheck *first = linitial(checks);
	int			n = first->query.nparams;
	StringInfoData *arrays = palloc((n + 2) * sizeof(StringInfoData));
	const char **params = palloc((n + 2) * sizeof(char *));
	ListCell   *lc;

	for (int i = 0; i < n + 2; i++)
		initStringInfo(&arrays[i]);
	foreach(lc, checks)
	{
		const NeonReadCheck *check = lfirst(lc);

		for (int i = 0; i < n; i++)
			neon_array_append(&arrays[i], check->query.params[i]);
		neon_array_append(&arrays[n], check->count);
		neon_array_append(&arrays[n + 1], check->sum);
	}
	for (int i = 0; i < n + 2; i++)
	{
		neon_array_end(&arrays[i]);
		params[i] = arrays[i].data;
	}
	*query = first->query;
	query->sql = neon_digest_check_many_sql(first->query.sql, n);
	query->params = params;
	query->nparams = n + 2;
	query->ncolumns = 1;
}

/* Appends a statement with what must stand around it. */
static void
append_around(Script *script, const NeonReadCheck *check,
			  const NeonQuery *query, int nchecks)
{
	const char *session = pg_get_timezone_name(session_timezone);
	bool		framed = check->query.read == NEON_READ_OF_USER;
	bool		elsewhere = strcmp(check->timezone, session) != 0;

	if (elsewhere)
		neon_set_timezone(&script->queries[script->n++], check->timezone);
	if (framed)
		neon_guard_enter(&script->queries[script->n++], false);
	append_check(script, query, nchecks);
	if (framed)
		neon_guard_leave(&script->queries[script->n++]);
	if (elsewhere)
		neon_set_timezone(&script->queries[script->n++], session);
}

/* Behind writes that were rolled back, which are made and rolled back again. */
static void
append_undone(Script *script, const NeonReadCheck *check)
{
	NeonQuery	query;

	append_sql(script, "SAVEPOINT " SAVEPOINT);
	script->n += neon_queued_writes_sql(script->queries + script->n,
										check->undone, InvalidCommandId);
	one_check(&query, check);
	append_around(script, check, &query, 1);
	append_sql(script, "ROLLBACK TO SAVEPOINT " SAVEPOINT);
	append_sql(script, "RELEASE SAVEPOINT " SAVEPOINT);
}

/* Takes the checks out of a list that can be sent together with the first. */
static List *
take_like_first(List **checks)
{
	const NeonReadCheck *first = linitial(*checks);
	List	   *like = NIL;
	ListCell   *lc;

	foreach(lc, *checks)
	{
		const NeonReadCheck *check = lfirst(lc);

		if (check->query.sql != first->query.sql || check->undone != NIL ||
			check->query.read != NEON_READ_PRINTED ||
			check->query.nparams != first->query.nparams ||
			strcmp(check->timezone, first->timezone) != 0)
			continue;
		like = lappend(like, lfirst(lc));
		*checks = foreach_delete_current(*checks, lc);
	}
	return like;
}

/* Appends all checks of one place. */
static void
append_checks(Script *script, List *checks)
{
	while (checks != NIL)
	{
		NeonReadCheck *first = linitial(checks);
		List	   *like = NIL;
		NeonQuery	query;

		if (first->query.read == NEON_READ_PRINTED && first->undone == NIL)
			like = take_like_first(&checks);
		else
			checks = list_delete_first(checks);
		if (first->undone != NIL)
			append_undone(script, first);
		else if (list_length(like) > 1 &&
				 neon_digest_takes_many(first->query.sql))
		{
			many_checks(&query, like);
			append_around(script, first, &query, list_length(like));
		}
		else
		{
			ListCell   *lc;

			foreach(lc, like != NIL ? like : list_make1(first))
			{
				one_check(&query, lfirst(lc));
				append_around(script, lfirst(lc), &query, 1);
			}
		}
	}
}

/* ---------- places ---------- */

/* How many checks of row locks stand first? */
static int
count_locks(List *writes)
{
	int			n = 0;

	while (n < list_length(writes) &&
		   ((NeonQueuedWrite *) list_nth(writes, n))->check)
		n++;
	return n;
}

/* How many of the writes in the list, nlocks or more, stand before a check? */
static int
find_place(const NeonReadCheck *check, List *writes, int nlocks)
{
	int			place = nlocks;

	for (int i = nlocks; i < list_length(writes); i++)
	{
		const NeonQueuedWrite *write = list_nth(writes, i);

		if (neon_read_sees(check, write))
			place = i + 1;
		else if (!write->check)
			break;
	}
	return place;
}

/* The writes in a list from one place to another. */
static List *
part_of(List *writes, int from, int to)
{
	List	   *part = NIL;

	for (int i = from; i < to; i++)
		part = lappend(part, list_nth(writes, i));
	return part;
}

/*
 * Does a request with these writes send all that a read saw?  One that is made
 * for an older cursor may not.
 */
static bool
sends_seen(const NeonQueue *queue, bool all, CommandId cid,
		   const NeonReadCheck *check)
{
	ListCell   *lc;

	foreach(lc, queue->writes)
	{
		const NeonQueuedWrite *write = lfirst(lc);

		if (neon_read_sees(check, write) &&
			(write->cid >= cid || !all))
			return false;
	}
	return true;
}

/* The checks that a request can make, in a list for each place. */
static List **
checks_by_place(NeonQueue *queue, List *writes, bool all, CommandId cid)
{
	List	  **places = palloc0((list_length(writes) + 1) * sizeof(List *));
	NeonReads  *reads = &queue->reads;
	int			nlocks = count_locks(writes);
	ListCell   *lc;

	reads->unverified = false;
	foreach(lc, reads->checks)
	{
		NeonReadCheck *check = lfirst(lc);
		int			place;

		if (!neon_read_is_known(check))
			continue;
		if (!sends_seen(queue, all, cid, check))
		{
			reads->unverified = true;
			continue;
		}
		place = find_place(check, writes, nlocks);
		places[place] = lappend(places[place], check);
	}
	return places;
}

/* Takes down that a request proves that all reads hold, or verifies none. */
static void
verify_without_checks(NeonReads *reads, NeonVerify verify, NeonStats *stats)
{
	int			known = 0;
	ListCell   *lc;

	foreach(lc, reads->checks)
		known += neon_read_is_known(lfirst(lc));
	if (verify == NEON_VERIFY_STATE)
	{
		reads->unverified = false;
		stats->read_checks += known;
	}
	else if (known > 0)
		reads->unverified = true;
}

int
neon_script(NeonQueue *queue, List *writes, bool all, CommandId cid,
			NeonVerify verify, NeonQuery *queries, NeonStats *stats)
{
	Script		script = {queries, 0, stats};
	List	  **places;
	int			from = 0;

	if (queue->reads.checks == NIL || verify != NEON_VERIFY_ALL)
	{
		verify_without_checks(&queue->reads, verify, stats);
		return neon_queued_writes_sql(queries, writes, cid);
	}
	places = checks_by_place(queue, writes, all, cid);
	for (int place = 0; place <= list_length(writes); place++)
	{
		if (places[place] == NIL)
			continue;
		script.n += neon_queued_writes_sql(queries + script.n,
										   part_of(writes, from, place), cid);
		append_checks(&script, places[place]);
		from = place;
	}
	script.n += neon_queued_writes_sql(queries + script.n,
									   part_of(writes, from,
											   list_length(writes)), cid);
	return script.n;
}

void
neon_script_sent(NeonQueue *queue, bool rolled_back)
{
	queue->reads.requests++;
	queue->reads.rolled_back = rolled_back;
}
