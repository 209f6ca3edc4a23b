/*-------------------------------------------------------------------------
 *
 * schema/analyze.c
 *		ANALYZE of foreign tables.
 *
 * Two requests: one asks for the size of the relation, the other for its
 * number of rows and a sample of them.  The sample is drawn on the remote,
 * and cut there to what fits into a reply: rows beyond that would only be
 * thrown away here.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "commands/vacuum.h"
#include "common/pg_prng.h"
#include "executor/tuptable.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "compat/compat.h"
#include "option/option.h"
#include "plan/remote_size.h"
#include "scan/pieces.h"
#include "scan/row.h"
#include "schema/analyze.h"
#include "schema/purpose.h"
#include "schema/reservoir.h"
#include "schema/sample_sql.h"

/* Pages of a relation without any (a view): enough not to count as empty. */
#define UNKNOWN_PAGES	10

/*
 * Bytes of rows in a reply, as JSON: below the lowest limit that endpoints
 * are known to have by default, 10 MiB.
 */
#define SAMPLE_BYTES	(8 * 1024 * 1024)

/* With less room in a reply, ANALYZE gives up. */
#define MIN_SAMPLE_BYTES	1024

/*
 * Size estimates may be out of date, and a sample's size varies: look at more
 * rows than are wanted.
 */
#define OVERSAMPLING	1.5

/*
 * How many pages TABLESAMPLE takes varies by the square root of that number.
 * With fewer than this the number of rows would vary more than the remote's
 * statistics are likely to be wrong.
 */
#define MIN_PAGES		1000

/* A sample that is being taken. */
typedef struct Sample
{
	Relation	relation;
	UserMapping *user;
	NeonRemoteSize size;
	NeonSampleSource source;
	bool		by_page;		/* TABLESAMPLE SYSTEM */
	double		fraction;		/* that TABLESAMPLE takes */
	double		share;			/* of these rows to look at */
	double		total;			/* rows that the relation has */
	int64		budget;			/* bytes that a reply may have */
	NeonReservoir reservoir;
	NeonPurpose purpose;
	NeonStats	stats;
} Sample;

static UserMapping *
owner_mapping(Relation relation)
{
	return GetUserMapping(relation->rd_rel->relowner,
						  GetForeignServerIdByRelId(RelationGetRelid(relation)));
}

static NeonSampling
sampling_method(Relation relation)
{
	Oid			relid = RelationGetRelid(relation);
	NeonTableOptions *table = neon_table_options(relid);

	if (table->analyze_sampling != NEON_SAMPLING_DEFAULT)
		return table->analyze_sampling;
	return neon_server_options(GetForeignServer(GetForeignServerIdByRelId(relid)))->analyze_sampling;
}

/*
 * How to find the rows that the sample is drawn from.
 *
 * Left to itself this does what PostgreSQL does with its own tables: no more
 * pages than rows are wanted, and from these, rows at random.  Fewer pages
 * would be cheaper still, but rows of one page are often alike, which makes
 * the number of distinct values look far too small.
 */
static void
choose_method(Sample *sample, NeonSampling method, int targrows)
{
	NeonRemoteSize *size = &sample->size;
	double		wanted = 1;		/* as a fraction of all rows */

	if (size->known && size->unanalyzed == 0 &&
		size->tuples > targrows * OVERSAMPLING)
		wanted = targrows * OVERSAMPLING / size->tuples;

	sample->fraction = 1;
	sample->share = 1;
	if (method == NEON_SAMPLING_AUTO && size->sampleable &&
		size->pages > targrows)
	{
		sample->by_page = true;
		sample->fraction = Max(wanted, targrows / size->pages);
	}
	else if (method == NEON_SAMPLING_SYSTEM && size->sampleable)
	{
		sample->by_page = true;
		sample->fraction = wanted;
	}
	else if (method == NEON_SAMPLING_BERNOULLI && size->sampleable)
		sample->fraction = wanted;

	if (sample->fraction < 1)
		sample->source.tablesample = sample->by_page ? "SYSTEM" : "BERNOULLI";
	if (wanted < sample->fraction)
		sample->share = wanted / sample->fraction;
	sample->source.some = sample->share < 1;
}

/* ---------- reading rows ---------- */

static void
keep_rows(Sample *sample, const NeonRow *(*next_row) (void *), void *source)
{
	TupleDesc	desc = RelationGetDescr(sample->relation);
	TupleTableSlot *slot = MakeSingleTupleTableSlot(desc, &TTSOpsVirtual);
	NeonRowFormat *format;
	MemoryContext row_context;
	const NeonRow *row;

	format = neon_row_format(desc, sample->source.columns,
							 RelationGetRelationName(sample->relation), NIL);
	row_context = AllocSetContextCreate(CurrentMemoryContext,
										"neon_http_fdw sample row",
										ALLOCSET_DEFAULT_SIZES);
	while ((row = next_row(source)) != NULL)
	{
		int			place = neon_reservoir_next(&sample->reservoir);
		MemoryContext old;

		CHECK_FOR_INTERRUPTS();
		if (place < 0)
			continue;
		old = MemoryContextSwitchTo(row_context);
		neon_row_store(format, row, slot);
		MemoryContextSwitchTo(old);
		neon_reservoir_put(&sample->reservoir, place,
						   ExecCopySlotHeapTuple(slot));
		ExecClearTuple(slot);
		MemoryContextReset(row_context);
	}
	ExecDropSingleTupleTableSlot(slot);
	MemoryContextDelete(row_context);
}

static const NeonRow *
next_of_reader(void *source)
{
	return neon_remote_next_row(source);
}

static const NeonRow *
next_of_pieces(void *source)
{
	return neon_pieces_next_row(source);
}

static void
begin_request(Sample *sample, NeonQuery *queries, int nqueries)
{
	neon_purpose_begin(&sample->purpose,
					   psprintf("taking a sample of foreign table \"%s\"",
								RelationGetRelationName(sample->relation)),
					   queries, nqueries);
}

static double
read_count(NeonReader *reader)
{
	const NeonRow *row = neon_remote_next_row(reader);
	double		count = 0;

	if (row != NULL && row->values[0] != NULL)
		count = strtod(row->values[0], NULL);
	(void) neon_remote_next_result(reader);
	return count;
}

/* Asks for the count and, if the table has columns, for a sample. */
static NeonReader *
start_sample(Sample *sample)
{
	const char *params[5];
	NeonQuery	queries[2] = {0};
	int			nparams = 2;

	params[0] = psprintf("%d", sample->reservoir.target);
	params[1] = psprintf(INT64_FORMAT, sample->budget);
	if (sample->source.tablesample != NULL)
	{
		params[nparams++] = psprintf("%.9g", sample->fraction * 100);
		params[nparams++] = psprintf("%u",
									 pg_prng_uint32(&pg_global_prng_state));
		queries[0].nparams = 2;
		queries[0].params = params + 2;
	}
	if (sample->share < 1)
		params[nparams++] = psprintf("%.9g", sample->share);

	queries[0].sql = neon_count_sql(&sample->source);
	queries[0].ncolumns = 1;
	queries[1].sql = neon_sample_sql(&sample->source);
	queries[1].nparams = nparams;
	queries[1].params = params;
	queries[1].ncolumns = list_length(sample->source.columns);
	begin_request(sample, queries, lengthof(queries));
	return neon_remote_look_up(neon_connection_get(sample->user), queries,
							   sample->source.columns != NIL ? 2 : 1, &sample->stats);
}

/*
 * Sets the number of all rows from a count that may be that of a part of
 * them.
 */
static void
set_total(Sample *sample, double count)
{
	NeonRemoteSize *size = &sample->size;
	bool		few_pages = sample->fraction * size->pages < MIN_PAGES;

	if (sample->source.tablesample == NULL)
		sample->total = count;
	else if (count == 0 ||
			 (few_pages && sample->by_page && size->unanalyzed == 0))
		sample->total = rint(size->tuples);
	else
		sample->total = rint(count / sample->fraction);
}

static void
take_sample(Sample *sample)
{
	NeonReader *reader;
	int64		limit;
	double		count;

	sample->budget = SAMPLE_BYTES;
	for (;;)
	{
		reader = start_sample(sample);
		if (neon_remote_fits(reader, &limit))
			break;
		sample->budget /= 2;
		if (limit > 0)
			sample->budget = Min(sample->budget, limit / 4 * 3);
		if (sample->budget < MIN_SAMPLE_BYTES)
			neon_remote_refuse(reader);
		neon_remote_close(reader);
		neon_purpose_end(&sample->purpose);
	}

	count = read_count(reader);
	keep_rows(sample, next_of_reader, reader);
	neon_remote_close(reader);
	neon_purpose_end(&sample->purpose);

	set_total(sample, count);
}

/* Fetches all rows, counts them and draws the sample from them. */
static void
take_all(Sample *sample)
{
	NeonQuery	query = {0};
	NeonPieces *pieces;

	query.sql = neon_all_rows_sql(&sample->source);
	query.ncolumns = Max(list_length(sample->source.columns), 1);
	begin_request(sample, &query, 1);
	pieces = neon_pieces_open(sample->user, FirstCommandId, &query,
							  sample->source.table, false, -1,
							  0, &sample->stats);
	keep_rows(sample, next_of_pieces, pieces);
	neon_pieces_close(pieces);
	neon_purpose_end(&sample->purpose);
	sample->total = sample->reservoir.seen;
}

/* ---------- callbacks ---------- */

static int
acquire_sample(Relation relation, int elevel, HeapTuple *rows, int targrows,
			   double *totalrows, double *totaldeadrows)
{
	Oid			relid = RelationGetRelid(relation);
	NeonSampling method = sampling_method(relation);
	Sample	   *sample = palloc0_object(Sample);

	sample->relation = relation;
	sample->user = owner_mapping(relation);
	neon_sample_source_init(&sample->source, relation);
	neon_reservoir_init(&sample->reservoir, rows, targrows);
	if (method == NEON_SAMPLING_OFF)
		take_all(sample);
	else
	{
		/* neonAnalyzeForeignTable() has asked, unless something changed since */
		if (!neon_size_find(sample->user->umid, relid, &sample->size))
			sample->size = *neon_size_ask(sample->user, list_make1_oid(relid),
										  true, 0);
		choose_method(sample, method, targrows);
		take_sample(sample);
	}

	*totalrows = sample->total;
	*totaldeadrows = 0;
	ereport(elevel,
			(errmsg("\"%s\": table contains %.0f rows, %d rows in sample",
					RelationGetRelationName(relation),
					sample->total, sample->reservoir.filled)));
	return sample->reservoir.filled;
}

bool
neonAnalyzeForeignTable(Relation relation, AcquireSampleRowsFunc *func,
						BlockNumber *totalpages)
{
	Oid			relid = RelationGetRelid(relation);
	NeonRemoteSize *size;

	size = neon_size_ask(owner_mapping(relation), list_make1_oid(relid), true,
						 0);
	*func = acquire_sample;
	*totalpages = UNKNOWN_PAGES;
	if (size->known)
		*totalpages = Min(size->pages, MaxBlockNumber);
	return true;
}
