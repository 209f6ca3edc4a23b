/*-------------------------------------------------------------------------
 *
 * plan/nested_loop.c
 *		The inner side of nested loops, where it sends requests.
 *
 * The planner lets a nested loop read its inner side again for each outer
 * row if it expects only one outer row.  This estimate may be off by a factor
 * of thousands, and then so many requests are sent.  Keeping the rows of the
 * inner side in memory costs next to nothing.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/extensible.h"
#include "optimizer/cost.h"

#include "compat/planner.h"
#include "option/own.h"
#include "plan/nested_loop.h"

/* The names of all custom scans of this extension begin with this. */
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
		/* A side with parameters gives other rows each time. */
		if (PATH_REQ_OUTER(inner) != NULL || !sends_requests(inner))
			continue;

		/*
		 * GetExistingLocalJoinPath() looks for the local plan of a remote
		 * join right below the loop only.
		 */
		if (rechecked && IS_JOIN_REL(inner->parent))
			continue;
		kept = neon_material_path(inner);
		loop->innerjoinpath = kept;
		loop->path.total_cost += kept->total_cost - inner->total_cost;
	}
}
