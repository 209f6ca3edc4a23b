/*-------------------------------------------------------------------------
 *
 * schema/analyze.c
 *		ANALYZE of foreign tables.
 *
 * Two requests: one asks for the size of the relation, the other for its
 * number of rows and a sample of them.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "commands/vacuum.h"
#include "utils/rel.h"

#include "compat/compat.h"
#include "schema/analyze.h"
#include "schema/sample.h"

/* Pages of a relation without any (a view): enough not to count as empty. */
#define UNKNOWN_PAGES	10

static List *ready_samples = NIL;

void
neon_analyze_offer(List *samples)
{
	ready_samples = samples;
}

static NeonReadySample *
find_ready(Oid relid)
{
	ListCell   *lc;

	foreach(lc, ready_samples)
	{
		NeonReadySample *ready = lfirst(lc);

		if (ready->relid == relid)
			return ready;
	}
	return NULL;
}

/* Takes rows at random from a sample that has at least as many, or all. */
static void
choose_from_ready(NeonReservoir *reservoir, const NeonReadySample *ready)
{
	for (int i = 0; i < ready->nrows; i++)
	{
		int			place = neon_reservoir_next(reservoir);

		if (place >= 0)
			neon_reservoir_put(reservoir, place,
							   heap_copytuple(ready->rows[i]));
	}
}

static NeonRemoteSize
size_of(UserMapping *user, Relation relation)
{
	Oid			relid = RelationGetRelid(relation);
	NeonReadySample *ready = find_ready(relid);
	NeonRemoteSize size;

	if (ready != NULL)
		return ready->size;

	/* neonAnalyzeForeignTable() has asked, unless something changed since */
	if (!neon_size_find(user->umid, relid, &size))
		size = *neon_size_ask(user, list_make1_oid(relid), true, 0);
	return size;
}

static int
acquire_sample(Relation relation, int elevel, HeapTuple *rows, int targrows,
			   double *totalrows, double *totaldeadrows)
{
	NeonReadySample *ready = find_ready(RelationGetRelid(relation));
	NeonSample *sample = palloc_object(NeonSample);
	UserMapping *user = neon_sample_user(relation);
	NeonRemoteSize size = size_of(user, relation);

	neon_sample_init(sample, relation, user, &size, rows, targrows);
	if (ready != NULL && ready->complete &&
		(ready->wanted >= targrows || ready->nrows >= ready->total))
	{
		choose_from_ready(&sample->reservoir, ready);
		sample->total = ready->total;
	}
	else
		neon_sample_take(sample);

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
	NeonReadySample *ready = find_ready(relid);
	NeonRemoteSize *size = ready != NULL ? &ready->size :
		neon_size_ask(neon_sample_user(relation), list_make1_oid(relid), true,
					  0);

	*func = acquire_sample;
	*totalpages = UNKNOWN_PAGES;
	if (size->known)
		*totalpages = Min(size->pages, MaxBlockNumber);
	return true;
}
