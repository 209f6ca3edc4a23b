/*-------------------------------------------------------------------------
 *
 * bind_join/cost.c
 *		Costs of a bind join.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "utils/selfuncs.h"

#include "bind_join/batch_size.h"
#include "bind_join/cost.h"
#include "plan/condition.h"
#include "plan/rel_info.h"

/* What is expected of the remote side. */
typedef struct Expected
{
	double		keys;			/* distinct keys of the outer rows */
	double		per_key;		/* rows that match one */
	double		matching;		/* rows that match any */
	bool		key_lookup;		/* the remote has an index for the keys */

	/* in all batches together */
	double		batches;		/* how many there are */
	double		asked;			/* keys; one that several batches have counts
								 * several times */
	double		fetched;		/* rows */
} Expected;

/* More batches than this are not gone through one by one. */
#define MAX_COUNTED_BATCHES 100

static Expected
expect(PlannerInfo *root, NeonBindPath *bind, Path *outer)
{
	NeonRelInfo *info = bind->inner->fdw_private;
	RelOptInfo *inner = bind->inner;
	List	   *exprs = NIL;
	List	   *clauses = list_copy(info->remote_conds);
	Expected	result = {0};
	double		all;
	ListCell   *lc;

	foreach(lc, bind->keys)
	{
		NeonBindKey *key = lfirst(lc);

		exprs = lappend(exprs, key->outer);
		clauses = lappend(clauses, key->rinfo);
	}
	result.keys = estimate_num_groups(root, exprs, Max(outer->rows, 1), NULL,
									  NULL);

	/* For a scan of the inner side, the outer values are unknown constants. */
	result.per_key = inner->tuples *
		clauselist_selectivity(root, clauses, inner->relid, JOIN_INNER, NULL);
	result.key_lookup = neon_is_key_lookup(inner, clauses);
	if (result.key_lookup)
		result.per_key = Min(result.per_key, 1);
	all = inner->tuples *
		clauselist_selectivity(root, info->remote_conds, inner->relid,
							   JOIN_INNER, NULL);
	result.matching = clamp_row_est(Min(result.keys * result.per_key, all));
	return result;
}

/*
 * Estimates how many batches it takes.  A key that many outer rows have is
 * asked for again by later batches, unless one batch holds all outer rows.  So
 * this counts how many outer rows each batch takes, assuming that they come in
 * random order.
 */
static void
count_batches(NeonBindPath *bind, double outer_rows, Expected *expected)
{
	double		rows = Max(outer_rows, expected->keys);
	double		left = rows;
	double		size = bind->first_batch;

	while (left >= 1)
	{
		double		keys = Min(size, expected->keys);
		double		taken;
		double		times = 1;

		/* The outer rows that have so many keys; or the keys of the rest. */
		taken = rows * (1 - pow(1 - keys / expected->keys,
								expected->keys / rows));
		taken = Max(taken, 1);
		if (taken >= left)
		{
			taken = left;
			keys = expected->keys * (1 - pow(1 - left / rows,
											 rows / expected->keys));
		}
		else if (expected->batches >= MAX_COUNTED_BATCHES)
			times = ceil(left / taken);

		expected->batches += times;
		expected->asked += times * keys;
		expected->fetched += times * Min(keys * expected->per_key,
										 expected->matching);
		left -= times * taken;
		size = Min(size * NEON_BIND_GROWTH, NEON_BIND_LAST_BATCH);
	}
}

/*
 * The cost of the remote's work for the first request and for all requests.
 * Of the remote's indexes only that of the key is known here.  Without it,
 * each request is assumed to read the whole table.
 */
static void
remote_cost(NeonBindPath *bind, Expected *expected, Cost *first, Cost *all)
{
	NeonRelInfo *info = bind->inner->fdw_private;
	Cost		scan = seq_page_cost * bind->inner->pages +
		cpu_tuple_cost * bind->inner->tuples;

	if (expected->key_lookup)
	{
		scan = seq_page_cost * Min(bind->inner->pages, expected->keys) +
			cpu_tuple_cost * expected->asked;
		*first = scan * Min(1, bind->first_batch / expected->asked);
		*all = scan;
	}
	else
	{
		*first = scan;
		*all = expected->batches * scan;
	}
	*first += info->server->fdw_startup_cost;
	*all += expected->batches * info->server->fdw_startup_cost;
}

/*
 * The startup cost is that of the first batch, since no row comes out before
 * this is gathered and answered.  The rest spreads over the rows.
 */
void
neon_bind_cost(PlannerInfo *root, NeonBindPath *bind, Path *outer)
{
	NeonRelInfo *info = bind->inner->fdw_private;
	Path	   *path = &bind->path.path;
	Expected	expected = expect(root, bind, outer);
	int			nkeys = list_length(bind->keys);
	double		first;
	QualCost	quals;
	Cost		first_request;
	Cost		requests;
	Cost		run;

	bind->first_batch =
		neon_bind_batch_size(NEON_BIND_FIRST_BATCH, expected.per_key *
							 (bind->inner->reltarget->width +
							  SizeofHeapTupleHeader),
							 NEON_BIND_REPLY_BYTES);
	count_batches(bind, outer->rows, &expected);
	remote_cost(bind, &expected, &first_request, &requests);
	first = Min(1, bind->first_batch / expected.asked);

	/* Keys travel like rows do, and both are hashed. */
	run = (expected.asked + expected.fetched) *
		(info->server->fdw_tuple_cost + cpu_tuple_cost +
		 cpu_operator_cost * nkeys) +
		expected.fetched * info->local_cost.per_tuple;
	/* Outer rows are stored, read again and looked up. */
	run += outer->rows * (cpu_tuple_cost + 2 * cpu_operator_cost * nkeys);

	path->startup_cost = outer->startup_cost + info->local_cost.startup +
		first_request +
		first * (outer->total_cost - outer->startup_cost + run);

	/* The join clauses are checked on each pair of rows with equal keys. */
	cost_qual_eval(&quals, bind->clauses, root);
	run += quals.per_tuple * outer->rows *
		Max(expected.matching / expected.keys, 1);
	path->startup_cost += quals.startup + path->pathtarget->cost.startup;
	path->total_cost = outer->total_cost + info->local_cost.startup +
		requests + run + quals.startup +
		path->pathtarget->cost.startup +
		path->rows * (cpu_tuple_cost + path->pathtarget->cost.per_tuple);
	path->startup_cost = Min(path->startup_cost, path->total_cost);
}
