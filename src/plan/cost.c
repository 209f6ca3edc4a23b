/*-------------------------------------------------------------------------
 *
 * plan/cost.c
 *		What remote work and its result cost.
 *
 * The estimates follow those of PostgreSQL for the same work done locally.
 * They need not be exact: the number of requests and of rows that travel
 * weighs more.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "nodes/nodeFuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"

#include "compat/compat.h"
#include "http/connection.h"
#include "option/option.h"
#include "plan/cost.h"

/*
 * The rest of a reply is room for errors of the estimates and for what JSON
 * adds to the values.
 */
#define REPLY_SHARE		0.75

void
neon_path_cost(NeonRelInfo *info, Cost *startup, Cost *total)
{
	*startup = info->server->fdw_startup_cost + info->remote_cost +
		info->local_cost.startup;
	*total = *startup +
		info->rows * (info->server->fdw_tuple_cost + cpu_tuple_cost +
					  info->local_cost.per_tuple);
}

/* Is there an equality that a hash join could use? */
static bool
has_hash_clause(List *clauses)
{
	ListCell   *lc;

	foreach(lc, clauses)
	{
		OpExpr	   *op = lfirst(lc);

		if (IsA(op, OpExpr) && list_length(op->args) == 2 &&
			op_hashjoinable(op->opno, exprType(linitial(op->args))))
			return true;
	}
	return false;
}

Cost
neon_join_cost(NeonRelInfo *outer, NeonRelInfo *inner, List *clauses,
			   double rows)
{
	double		compared = has_hash_clause(clauses) ?
		outer->rows + inner->rows : outer->rows * inner->rows;

	return outer->remote_cost + inner->remote_cost +
		compared * cpu_operator_cost * Max(list_length(clauses), 1) +
		rows * cpu_tuple_cost;
}

/* A sort with a limit keeps at most twice as many rows in a heap. */
Cost
neon_sort_cost(double rows, double limit)
{
	double		kept = limit > 0 ? Min(rows, 2 * limit) : rows;

	return 2 * cpu_operator_cost * Max(rows, 2) * log2(Max(kept, 2));
}

Cost
neon_group_cost(double rows, int ncolumns, double groups)
{
	return rows * cpu_operator_cost * Max(ncolumns, 1) +
		groups * cpu_tuple_cost;
}

bool
neon_fits_reply(Oid umid, double bytes, int64 unknown)
{
	return bytes < REPLY_SHARE * neon_connection_reply_limit(umid, unknown);
}

/*
 * Of a statement that cannot be divided.  An endpoint that has said nothing yet
 * may have the lowest limit: what is left to do here costs more then, but works.
 */
bool
neon_rel_fits_reply(RelOptInfo *rel, double rows, int width)
{
	return neon_fits_reply(neon_user_mapping_oid(rel->userid, rel->serverid),
						   rows * width, NEON_LEAST_REPLY_LIMIT);
}
