/*-------------------------------------------------------------------------
 *
 * bind_cost.c
 *		Costs of a bind join, and the sizes of its batches.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "utils/selfuncs.h"

#include "bind_cost.h"
#include "plan.h"

/* What is expected of the remote side. */
typedef struct Expected
{
	double		keys;			/* distinct ones of the outer rows */
	double		per_key;		/* rows that match one */
	double		fetched;		/* rows that match any */
	bool		key_lookup;		/* the remote has an index for it */
} Expected;

int
neon_bind_batch_size(int limit, double bytes_per_key, double reply_bytes)
{
	return Max((int) Min(limit, reply_bytes / Max(bytes_per_key, 1.0)), 1);
}

static Expected
expect(PlannerInfo *root, NeonBindPath *bind, Path *outer)
{
	NeonRelInfo *info = bind->inner->fdw_private;
	RelOptInfo *inner = bind->inner;
	List	   *exprs = NIL;
	List	   *clauses = list_copy(info->remote_conds);
	Expected	result;
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

	/* As seen from the inner side, the outer values are unknown constants. */
	result.per_key = inner->tuples *
		clauselist_selectivity(root, clauses, inner->relid, JOIN_INNER, NULL);
	result.key_lookup = neon_is_key_lookup(inner, clauses);
	if (result.key_lookup)
		result.per_key = Min(result.per_key, 1);
	all = inner->tuples *
		clauselist_selectivity(root, info->remote_conds, inner->relid,
							   JOIN_INNER, NULL);
	result.fetched = clamp_row_est(Min(result.keys * result.per_key, all));
	return result;
}

/*
 * What the remote does for one request with the first of its keys, and for
 * all.  Nobody knows its indexes but that of the key: else it is assumed to
 * read the table each time.
 */
static void
remote_cost(NeonBindPath *bind, Expected *expected, Cost *first, Cost *all)
{
	NeonRelInfo *info = bind->inner->fdw_private;
	double		left = expected->keys;
	double		size = bind->first_batch;
	int			batches;
	Cost		scan;

	for (batches = 1; left > size && batches < 1000; batches++)
	{
		left -= size;
		size = Min(size * NEON_BIND_GROWTH, NEON_BIND_LAST_BATCH);
	}
	if (expected->key_lookup)
	{
		scan = seq_page_cost * Min(bind->inner->pages, expected->keys) +
			cpu_tuple_cost * expected->keys;
		*first = scan * Min(1.0, bind->first_batch / expected->keys);
	}
	else
	{
		*first = seq_page_cost * bind->inner->pages +
			cpu_tuple_cost * bind->inner->tuples;
		scan = *first * batches;
	}
	*first += info->server->fdw_startup_cost;
	*all = scan + batches * info->server->fdw_startup_cost;
}

/*
 * Nothing comes out before the first batch was gathered and answered; the
 * rest spreads over the rows.
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
	first = Min(1.0, bind->first_batch / expected.keys);
	remote_cost(bind, &expected, &first_request, &requests);

	/* Keys travel like rows do, and both are hashed. */
	run = (expected.keys + expected.fetched) *
		(info->server->fdw_tuple_cost + cpu_tuple_cost +
		 cpu_operator_cost * nkeys) +
		expected.fetched * info->local_cost.per_tuple;
	/* Outer rows are stored, read again and looked up. */
	run += outer->rows * (cpu_tuple_cost + 2 * cpu_operator_cost * nkeys);

	path->startup_cost = outer->startup_cost + info->local_cost.startup +
		first_request +
		first * (outer->total_cost - outer->startup_cost + run);

	/* Clauses are checked once more on what meets by its keys. */
	cost_qual_eval(&quals, bind->clauses, root);
	run += quals.per_tuple * outer->rows *
		Max(expected.fetched / expected.keys, 1.0);
	path->startup_cost += quals.startup + path->pathtarget->cost.startup;
	path->total_cost = outer->total_cost + info->local_cost.startup +
		requests + run + quals.startup +
		path->pathtarget->cost.startup +
		path->rows * (cpu_tuple_cost + path->pathtarget->cost.per_tuple);
	path->startup_cost = Min(path->startup_cost, path->total_cost);
}
