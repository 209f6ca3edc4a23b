/*-------------------------------------------------------------------------
 *
 * compat/planner.h
 *		What differs between the supported versions of PostgreSQL, for those
 *		who make paths and tuples.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_COMPAT_PLANNER_H
#define NEON_COMPAT_PLANNER_H

#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/tupdesc.h"
#include "nodes/pathnodes.h"
#include "nodes/plannodes.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"

/* A path costs at least as many disabled nodes as its child, since 18. */
static inline void
neon_path_copy_disabled(Path *path, Path *child)
{
#if PG_VERSION_NUM >= 180000
	path->disabled_nodes = child->disabled_nodes;
#endif
}

/*
 * A path that keeps the rows of another one; since 19 the caller says whether
 * that is enabled.
 */
static inline Path *
neon_material_path(Path *path)
{
#if PG_VERSION_NUM >= 190000
	return (Path *) create_material_path(path->parent, path, true);
#else
	return (Path *) create_material_path(path->parent, path);
#endif
}

/*
 * The side of a join that is made unique (JOIN_UNIQUE_OUTER), NULL if it
 * cannot be.  Since 19 it comes as a relation that is unique already.
 */
static inline Path *
neon_unique_path(PlannerInfo *root, RelOptInfo *rel, Path *path,
				 SpecialJoinInfo *sjinfo)
{
#if PG_VERSION_NUM >= 190000
	return path;
#else
	return (Path *) create_unique_path(root, rel, path, sjinfo);
#endif
}

/*
 * Are the rows of a relation groups of those that its tables have?  19 tries
 * to aggregate before it joins, and then has a second relation for the same
 * tables (eager aggregation), which looks like the first one.
 */
#if PG_VERSION_NUM >= 190000
#define neon_is_grouped_rel(rel)	IS_GROUPED_REL(rel)
#else
#define neon_is_grouped_rel(rel)	false
#endif

/* All relations of a query; since 16 outer joins are among them. */
static inline Relids
neon_all_relids(PlannerInfo *root)
{
#if PG_VERSION_NUM >= 160000
	return root->all_query_rels;
#else
	return root->all_baserels;
#endif
}

/* The order by a class of expressions; since 18 with a type of comparison. */
static inline PathKey *
neon_ascending_pathkey(PlannerInfo *root, EquivalenceClass *ec)
{
#if PG_VERSION_NUM >= 180000
	return make_canonical_pathkey(root, ec, linitial_oid(ec->ec_opfamilies),
								  COMPARE_LT, false);
#else
	return make_canonical_pathkey(root, ec, linitial_oid(ec->ec_opfamilies),
								  BTLessStrategyNumber, false);
#endif
}

/* Are children left out at run time?  Since 18, the plan has an index for it. */
static inline bool
neon_append_prunes(Append *append)
{
#if PG_VERSION_NUM >= 180000
	return append->part_prune_index >= 0;
#else
	return append->part_prune_info != NULL;
#endif
}

static inline bool
neon_merge_append_prunes(MergeAppend *append)
{
#if PG_VERSION_NUM >= 180000
	return append->part_prune_index >= 0;
#else
	return append->part_prune_info != NULL;
#endif
}

/* Since 18 heap_form_minimal_tuple() can leave room before the tuple. */
static inline MinimalTuple
neon_form_minimal_tuple(TupleDesc desc, Datum *values, bool *isnull)
{
#if PG_VERSION_NUM >= 180000
	return heap_form_minimal_tuple(desc, values, isnull, 0);
#else
	return heap_form_minimal_tuple(desc, values, isnull);
#endif
}

/* Since 19 a descriptor must be told when it is complete. */
static inline void
neon_finish_tuple_desc(TupleDesc desc)
{
#if PG_VERSION_NUM >= 190000
	TupleDescFinalize(desc);
#endif
}

#endif							/* NEON_COMPAT_PLANNER_H */
