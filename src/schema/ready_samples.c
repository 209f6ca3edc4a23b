/*-------------------------------------------------------------------------
 *
 * schema/ready_samples.c
 *		Samples of several foreign tables by few requests.
 *
 * A batch fails as a whole when one of its statements does.  Then its tables
 * are tried again by halves, until the one is found that is to blame.  What is
 * wrong with the server or the user, and not with a table, is not tried again.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_attribute.h"
#include "commands/vacuum.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "compat/compat.h"
#include "remote/error.h"
#include "schema/attempt.h"
#include "schema/ready_samples.h"
#include "schema/sample.h"

/* Tables in a batch, of two statements each. */
#define MAX_TABLES		50

/* Bytes of a page, if the remote has not said how much it holds. */
#define PAGE_BYTES		8192.0

/* What values take as JSON, against what they take as they are stored. */
#define JSON_GROWTH		1.5

/* The least that a table's part of a reply may have. */
#define MIN_BUDGET		(64 * 1024)

/* ---------- errors ---------- */

bool
neon_analyze_may_fail(const ErrorData *error)
{
	int			sqlstate = error->sqlerrcode;

	return neon_error_is_of_wire(error) ||
		(ERRCODE_TO_CATEGORY(sqlstate) != ERRCODE_OPERATOR_INTERVENTION &&
		 sqlstate != ERRCODE_OUT_OF_MEMORY);
}

static bool
concerns_server(int sqlstate)
{
	int			category = ERRCODE_TO_CATEGORY(sqlstate);

	return category == ERRCODE_CONNECTION_EXCEPTION ||
		category == ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION ||
		sqlstate == ERRCODE_FDW_DYNAMIC_PARAMETER_VALUE_NEEDED ||
		sqlstate == ERRCODE_CANNOT_CONNECT_NOW ||
		sqlstate == ERRCODE_TOO_MANY_CONNECTIONS ||
		sqlstate == ERRCODE_CONFIGURATION_LIMIT_EXCEEDED;
}

static void
set_errors(List *tables, ErrorData *error)
{
	ListCell   *lc;

	foreach(lc, tables)
		((NeonSampledTable *) lfirst(lc))->error = error;
}

/* Those that are sent with the same user mapping as the first one. */
static List *
of_one_user(List *tables)
{
	NeonSampledTable *first = linitial(tables);
	List	   *list = NIL;
	ListCell   *lc;

	foreach(lc, tables)
	{
		NeonSampledTable *table = lfirst(lc);

		if (table->user->umid == first->user->umid)
			list = lappend(list, table);
	}
	return list;
}

/*
 * Calls the action with lists of tables of one user mapping.  If it fails, by
 * halves, and so on.
 */
static void
try_tables(List *tables, void (*action) (void *tables))
{
	int			n = list_length(tables);
	ErrorData  *error = neon_attempt(action, tables, neon_analyze_may_fail);

	if (error == NULL)
		return;
	if (n == 1 && error->sqlerrcode == ERRCODE_PROGRAM_LIMIT_EXCEEDED)
		return;					/* ANALYZE asks for less, until it fits */
	if (n == 1 || concerns_server(error->sqlerrcode))
	{
		set_errors(tables, error);
		return;
	}
	try_tables(list_truncate(list_copy(tables), n / 2), action);
	try_tables(list_copy_tail(tables, n / 2), action);
}

/* ---------- sizes ---------- */

/* What a sample is likely to take in a reply; of a view, all that there is. */
static double
sample_bytes(const NeonReadySample *ready)
{
	const NeonRemoteSize *size = &ready->size;
	double		bytes = size->pages * PAGE_BYTES;

	if (!size->known)
		return NEON_SAMPLE_BYTES;
	if (size->unanalyzed == 0 && size->tuples > ready->wanted)
		bytes *= ready->wanted / size->tuples;
	return Max(Min(bytes * JSON_GROWTH, NEON_SAMPLE_BYTES), 1);
}

/*
 * As many rows as the columns' statistics targets ask for, as
 * std_typanalyze() does.  Where something else asks for more, ANALYZE takes
 * its sample by itself.
 */
static int
wanted_rows(Relation relation)
{
	TupleDesc	desc = RelationGetDescr(relation);
	int			wanted = 100;

	for (int i = 1; i <= desc->natts; i++)
	{
		HeapTuple	tuple = SearchSysCache2(ATTNUM,
											ObjectIdGetDatum(RelationGetRelid(relation)),
											Int16GetDatum(i));
		Datum		target;
		bool		isnull;

		if (!HeapTupleIsValid(tuple))
			continue;
		target = SysCacheGetAttr(ATTNUM, tuple,
								 Anum_pg_attribute_attstattarget, &isnull);
		if (isnull || DatumGetInt32(target) < 0)
			target = Int32GetDatum(default_statistics_target);
		if (!((Form_pg_attribute) GETSTRUCT(tuple))->attisdropped)
			wanted = Max(wanted, 300 * DatumGetInt32(target));
		ReleaseSysCache(tuple);
	}
	return wanted;
}

/* As ANALYZE locks it, so that it stays as it is until then. */
static Relation
open_table(const NeonSampledTable *table)
{
	return relation_open(table->ready.relid, ShareUpdateExclusiveLock);
}

static void
find_user(void *tables)
{
	NeonSampledTable *table = linitial((List *) tables);
	Relation	relation = open_table(table);

	table->user = neon_sample_user(relation);
	table->ready.wanted = wanted_rows(relation);
	table->all_rows = neon_sample_method(relation) == NEON_SAMPLING_OFF;
	relation_close(relation, NoLock);
}

static void
ask_sizes(void *tables)
{
	UserMapping *user = ((NeonSampledTable *) linitial((List *) tables))->user;
	List	   *relids = NIL;
	NeonRemoteSize *sizes;
	ListCell   *lc;

	foreach(lc, (List *) tables)
		relids = lappend_oid(relids, ((NeonSampledTable *) lfirst(lc))->ready.relid);
	sizes = neon_size_ask(user, relids, true, 0);
	foreach(lc, (List *) tables)
	{
		NeonSampledTable *table = lfirst(lc);

		table->ready.size = sizes[foreach_current_index(lc)];
		table->bytes = sample_bytes(&table->ready);
		table->sized = true;
	}
}

void
neon_sample_sizes(List *tables)
{
	List	   *left = NIL;
	ListCell   *lc;

	foreach(lc, tables)
	{
		NeonSampledTable *table = lfirst(lc);

		try_tables(list_make1(table), find_user);
		if (table->error == NULL)
			left = lappend(left, table);
	}
	while (left != NIL)
	{
		List	   *some = of_one_user(left);

		try_tables(some, ask_sizes);
		left = list_difference_ptr(left, some);
	}
}

/* ---------- samples ---------- */

/* Each gets a share of the reply, which is more than it is likely to need. */
static NeonSample *
start_sample(NeonSampledTable *table, double all_bytes)
{
	NeonReadySample *ready = &table->ready;
	NeonSample *sample = palloc_object(NeonSample);

	if (ready->rows == NULL)
		ready->rows = palloc_array(HeapTuple, ready->wanted);
	neon_sample_init(sample, open_table(table), table->user, &ready->size,
					 ready->rows, ready->wanted);
	sample->budget = Max(NEON_SAMPLE_BYTES * (table->bytes / all_bytes),
						 MIN_BUDGET);
	return sample;
}

/* A sample that was cut, because rows are wider than expected, is not used. */
static void
keep_sample(NeonReadySample *ready, NeonSample *sample)
{
	ready->nrows = sample->reservoir.filled;
	ready->total = sample->total;
	ready->complete = sample->source.columns == NIL ||
		ready->nrows >= ready->wanted || ready->nrows >= ready->total;
	relation_close(sample->relation, NoLock);
}

static void
take_samples(void *tables)
{
	int			n = list_length(tables);
	NeonSample **samples = palloc_array(NeonSample *, n);
	NeonQuery  *queries = palloc_array(NeonQuery, n * NEON_SAMPLE_QUERIES);
	int			nqueries = 0;
	double		all_bytes = 0;
	NeonStats  *stats = palloc0_object(NeonStats);
	NeonPurpose purpose;
	NeonReader *reader;
	ListCell   *lc;

	foreach(lc, (List *) tables)
		all_bytes += ((NeonSampledTable *) lfirst(lc))->bytes;
	foreach(lc, (List *) tables)
	{
		NeonSample *sample = start_sample(lfirst(lc), all_bytes);

		samples[foreach_current_index(lc)] = sample;
		nqueries += neon_sample_queries(sample, queries + nqueries);
	}
	neon_purpose_begin(&purpose, "taking samples of foreign tables", queries,
					   nqueries);
	reader = neon_remote_look_up(neon_connection_get(samples[0]->user),
								 queries, nqueries, stats);
	for (int i = 0; i < n; i++)
	{
		if (i > 0)
			(void) neon_remote_next_result(reader);
		neon_sample_read(samples[i], reader);
		keep_sample(&((NeonSampledTable *) list_nth(tables, i))->ready,
					samples[i]);
	}
	neon_remote_close(reader);
	neon_purpose_end(&purpose);
}

/* Can the sample come with those of others? */
static bool
goes_together(const NeonSampledTable *table)
{
	return table->sized && table->error == NULL && !table->all_rows &&
		table->ready.size.known && table->bytes <= NEON_SAMPLE_BYTES / 2;
}

void
neon_sample_tables(List *tables)
{
	List	   *left = NIL;
	ListCell   *lc;

	foreach(lc, tables)
	{
		if (goes_together(lfirst(lc)))
			left = lappend(left, lfirst(lc));
	}
	while (left != NIL)
	{
		List	   *some = NIL;
		double		bytes = 0;

		foreach(lc, of_one_user(left))
		{
			NeonSampledTable *table = lfirst(lc);

			bytes += table->bytes;
			if (list_length(some) == MAX_TABLES ||
				(some != NIL && bytes > NEON_SAMPLE_BYTES / 2))
				break;
			some = lappend(some, table);
		}
		try_tables(some, take_samples);
		left = list_difference_ptr(left, some);
	}
}
