/*-------------------------------------------------------------------------
 *
 * schema/sample.c
 *		A random sample of a foreign table's rows.
 *
 * A request asks for the number of rows and a sample of them.  The sample is
 * drawn on the remote, and cut there to what fits into a reply: rows beyond
 * that would only be thrown away here.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "common/pg_prng.h"
#include "executor/tuptable.h"
#include "foreign/fdwapi.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "compat/compat.h"
#include "scan/pieces.h"
#include "scan/row.h"
#include "schema/sample.h"

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

UserMapping *
neon_sample_user(Relation relation)
{
	return GetUserMapping(relation->rd_rel->relowner,
						  GetForeignServerIdByRelId(RelationGetRelid(relation)));
}

NeonSampling
neon_sample_method(Relation relation)
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
choose_method(NeonSample *sample)
{
	NeonRemoteSize *size = &sample->size;
	NeonSampling method = sample->method;
	int			targrows = sample->reservoir.target;
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

void
neon_sample_init(NeonSample *sample, Relation relation, UserMapping *user,
				 const NeonRemoteSize *size, HeapTuple *rows, int wanted)
{
	memset(sample, 0, sizeof(NeonSample));
	sample->relation = relation;
	sample->user = user;
	sample->size = *size;
	sample->budget = NEON_SAMPLE_BYTES;
	sample->method = neon_sample_method(relation);
	neon_sample_source_init(&sample->source, relation);
	neon_reservoir_init(&sample->reservoir, rows, wanted);
	choose_method(sample);
}

/* ---------- reading rows ---------- */

static void
keep_rows(NeonSample *sample, const NeonRow *(*next_row) (void *), void *source)
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

/*
 * Sets the number of all rows from a count that may be that of a part of
 * them.
 */
static void
set_total(NeonSample *sample, double count)
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

static double
read_count(NeonReader *reader)
{
	const NeonRow *row = neon_remote_next_row(reader);

	return row != NULL && row->values[0] != NULL ?
		strtod(row->values[0], NULL) : 0;
}

void
neon_sample_read(NeonSample *sample, NeonReader *reader)
{
	double		count = read_count(reader);

	if (sample->source.columns != NIL)
	{
		(void) neon_remote_next_result(reader);
		keep_rows(sample, next_of_reader, reader);
	}
	set_total(sample, count);
}

/* ---------- requests ---------- */

int
neon_sample_queries(NeonSample *sample, NeonQuery *queries)
{
	const char **params = palloc_array(const char *, 5);
	int			nparams = 2;

	memset(queries, 0, NEON_SAMPLE_QUERIES * sizeof(NeonQuery));
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
	if (sample->source.columns == NIL)
		return 1;
	queries[1].sql = neon_sample_sql(&sample->source);
	queries[1].nparams = nparams;
	queries[1].params = params;
	queries[1].ncolumns = list_length(sample->source.columns);
	return 2;
}

static void
begin_request(NeonSample *sample, NeonQuery *queries, int nqueries)
{
	neon_purpose_begin(&sample->purpose,
					   psprintf("taking a sample of foreign table \"%s\"",
								RelationGetRelationName(sample->relation)),
					   queries, nqueries);
}

static void
take_some(NeonSample *sample)
{
	NeonReader *reader;
	int64		limit;

	for (;;)
	{
		NeonQuery	queries[NEON_SAMPLE_QUERIES];
		int			n = neon_sample_queries(sample, queries);

		begin_request(sample, queries, n);
		reader = neon_remote_look_up(neon_connection_get(sample->user),
									 queries, n, &sample->stats);
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

	neon_sample_read(sample, reader);
	neon_remote_close(reader);
	neon_purpose_end(&sample->purpose);
}

/* Fetches all rows, counts them and draws the sample from them. */
static void
take_all(NeonSample *sample)
{
	NeonQuery	query = {0};
	NeonDivision division = {.table = sample->source.table,.fetch_ahead = -1};
	NeonPieces *pieces;

	query.sql = neon_all_rows_sql(&sample->source);
	query.ncolumns = Max(list_length(sample->source.columns), 1);
	begin_request(sample, &query, 1);
	pieces = neon_pieces_open(sample->user, FirstCommandId, &query,
							  &division, 0, &sample->stats);
	keep_rows(sample, next_of_pieces, pieces);
	neon_pieces_close(pieces);
	neon_purpose_end(&sample->purpose);
	sample->total = sample->reservoir.seen;
}

void
neon_sample_take(NeonSample *sample)
{
	if (sample->method == NEON_SAMPLING_OFF)
		take_all(sample);
	else
		take_some(sample);
}
