/*-------------------------------------------------------------------------
 *
 * plan/nested_loop.c
 *		The inner side of nested loops, where it sends requests.
 *
 * The planner lets a nested loop read its inner side again for each outer
 * row if it expects but one of these.  That is off by thousands at times, and
 * then so is the number of requests.  To keep the rows costs next to nothing.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "foreign/fdwapi.h"
#include "nodes/extensible.h"
#include "optimizer/cost.h"

#include "compat/planner.h"
#include "option/own.h"
#include "plan/nested_loop.h"

/* What the names of all our plan nodes begin with. */
#define NODE_PREFIX		"Neon "

static bool
sends_requests(Path *path)
{
	switch (nodeTag(path))
	{
		case T_ForeignPath:
			return path->parent->fdwroutine != NULL &&
				neon_is_own_routine(path->parent->fdwroutine);
		case T_CustomPath:
			return strncmp(((CustomPath *) path)->methods->CustomName,
						   NODE_PREFIX, strlen(NODE_PREFIX)) == 0;
		case T_ProjectionPath:
			return sends_requests(((ProjectionPath *) path)->subpath);
		case T_SubqueryScanPath:
			return sends_requests(((SubqueryScanPath *) path)->subpath);
		default:
			return false;
	}
}

void
neon_keep_loop_inner(RelOptInfo *joinrel, bool rechecked)
{
	ListCell   *lc;

	if (!enable_material)
		return;
	foreach(lc, joinrel->pathlist)
	{
		JoinPath   *loop = lfirst(lc);
		Path	   *inner;
		Path	   *kept;

		if (!IsA(loop, NestPath))
			continue;
		inner = loop->innerjoinpath;
		/* with parameters, it is not the same that is read again */
		if (PATH_REQ_OUTER(inner) != NULL || !sends_requests(inner))
			continue;
		/* its local plan is only looked for right below the loop */
		if (rechecked && IS_JOIN_REL(inner->parent))
			continue;
		kept = neon_material_path(inner);
		loop->innerjoinpath = kept;
		loop->path.total_cost += kept->total_cost - inner->total_cost;
	}
}
