/*-------------------------------------------------------------------------
 *
 * plan/sort.c
 *		Sorting on the remote.
 *
 * The order of text depends on the collation, and the default collation of two
 * servers may differ.  Rows that only the user sees may come in the remote's
 * order, as comparisons may run there.  But a local merge of inputs in
 * different orders would lose rows.  So an order that local nodes rely on has
 * to be the same on both sides.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/tlist.h"
#include "utils/lsyscache.h"

#include "compat/compat.h"
#include "compat/planner.h"
#include "plan/cost.h"
#include "plan/sort.h"
#include "ship/collation.h"
#include "ship/local_value.h"
#include "ship/portable.h"

/*
 * A sort that a merge join may need costs at least this part of the whole path.
 * If it were within the fuzz of add_path(), which is 1 %, the unsorted path
 * would be dropped, and the remote would sort for everybody.
 */
#define LEAST_PART	0.02

static NeonSortKey *
make_key(Node *expr, Oid sortop, bool nulls_first)
{
	NeonSortKey *key = palloc(sizeof(NeonSortKey));

	key->expr = (Expr *) expr;
	key->sortop = sortop;
	key->nulls_first = nulls_first;
	return key;
}

List *
neon_sort_by_clauses(NeonRelInfo *info, List *clauses, List *tlist,
					 bool *possible)
{
	List	   *keys = NIL;
	ListCell   *lc;

	*possible = false;
	foreach(lc, clauses)
	{
		SortGroupClause *clause = lfirst_node(SortGroupClause, lc);
		Node	   *expr = get_sortgroupclause_expr(clause, tlist);

		/* A local value is the same in all rows, and does not sort them. */
		if (neon_is_local_value(&info->ship, expr, false))
			continue;
		expr = neon_rel_remote_expr(info, expr);
		if (expr == NULL || !OidIsValid(clause->sortop) ||
			!neon_is_sort_shippable(&info->ship, clause))
			return NIL;
		keys = lappend(keys, make_key(expr, clause->sortop,
									  clause->nulls_first));
	}
	*possible = true;
	return keys;
}

/*
 * Does the order of a type that has no collation itself depend on the default
 * collation, because of texts inside its values?
 */
static bool
has_texts_inside(Oid type)
{
	Oid			element;

	type = getBaseType(type);
	if (type_is_range(type))
		return OidIsValid(get_range_collation(type));
	if (type_is_multirange(type))
		return OidIsValid(get_range_collation(get_multirange_range(type)));
	element = get_element_type(type);
	if (OidIsValid(element))
		return has_texts_inside(element);
	return type == JSONBOID || type_is_rowtype(type);
}

/* Do both sides order the values of an expression in the same way? */
static bool
is_order_alike(Node *expr)
{
	Oid			collation = exprCollation(expr);

	if (OidIsValid(collation))
		return neon_collation_is_portable(collation);
	return !has_texts_inside(exprType(expr));
}

bool
neon_sorts_alike(List *clauses, List *tlist)
{
	ListCell   *lc;

	foreach(lc, clauses)
	{
		if (!is_order_alike(get_sortgroupclause_expr(lfirst(lc), tlist)))
			return false;
	}
	return true;
}

/* Can there be joined rows that have no row of the relation? */
static bool
is_optional(PlannerInfo *root, Index relid)
{
	ListCell   *lc;

	foreach(lc, root->join_info_list)
	{
		SpecialJoinInfo *join = lfirst_node(SpecialJoinInfo, lc);

		if (bms_is_member(relid, join->syn_righthand) ||
			(join->jointype == JOIN_FULL &&
			 bms_is_member(relid, join->syn_lefthand)))
			return true;
	}
	return false;
}

/*
 * Is a relation the only partition of its parent that is left?  A join is if
 * that holds of one of its tables, which each of its rows has a row of.
 */
static bool
is_only_partition(PlannerInfo *root, RelOptInfo *rel)
{
	int			relid = -1;

	if (!IS_OTHER_REL(rel) || root->append_rel_array == NULL)
		return false;
	while ((relid = bms_next_member(rel->relids, relid)) >= 0)
	{
		AppendRelInfo *child = root->append_rel_array[relid];
		RelOptInfo *parent;

		if (child == NULL || is_optional(root, child->parent_relid))
			continue;
		parent = find_base_rel(root, child->parent_relid);
		if (!IS_OTHER_REL(parent) && bms_num_members(parent->live_parts) == 1)
			return true;
	}
	return false;
}

/*
 * Does nobody here look at the order of a relation's rows but the user?  That is
 * so if these are all rows of the query, and if nothing is left to do but to
 * sort them.  Where there are no partitions, neon_sort_by_clauses() does it.
 */
static bool
is_order_final(PlannerInfo *root, RelOptInfo *rel, List *pathkeys)
{
	Query	   *parse = root->parse;

	return root->query_level == 1 && pathkeys == root->query_pathkeys &&
		pathkeys == root->sort_pathkeys && parse->groupClause == NIL &&
		parse->groupingSets == NIL && !parse->hasAggs &&
		!parse->hasWindowFuncs && parse->distinctClause == NIL &&
		parse->setOperations == NULL && is_only_partition(root, rel) &&
		bms_equal(rel->top_parent_relids, neon_all_relids(root));
}

/* A member of the key's equivalence class that the remote can sort by. */
static NeonSortKey *
key_of_relation(RelOptInfo *rel, NeonRelInfo *info, PathKey *pathkey,
				bool any_order)
{
	NeonMemberIterator it;
	EquivalenceMember *em;

	if (pathkey->pk_eclass->ec_has_volatile)
		return NULL;
	neon_member_start(&it, pathkey->pk_eclass, rel->relids);
	while ((em = neon_member_next(&it)) != NULL)
	{
		Node	   *expr;
		Oid			sortop;

		if (em->em_is_const || bms_is_empty(em->em_relids) ||
			!bms_is_subset(em->em_relids, rel->relids) ||
			(!any_order && !is_order_alike((Node *) em->em_expr)))
			continue;
		sortop = get_opfamily_member(pathkey->pk_opfamily, em->em_datatype,
									 em->em_datatype,
									 neon_pathkey_strategy(pathkey));
		if (!OidIsValid(sortop) ||
			!neon_is_known(info->ship.extensions, OperatorRelationId, sortop) ||
			neon_remote_order_differs(info->ship.types, get_opcode(sortop)))
			continue;
		expr = neon_rel_remote_expr(info, (Node *) em->em_expr);
		if (expr != NULL)
			return make_key(expr, sortop, pathkey->pk_nulls_first);
	}
	return NULL;
}

List *
neon_sort_by_pathkeys(PlannerInfo *root, RelOptInfo *rel, NeonRelInfo *info,
					  List *pathkeys)
{
	bool		any_order = is_order_final(root, rel, pathkeys);
	List	   *keys = NIL;
	ListCell   *lc;

	foreach(lc, pathkeys)
	{
		NeonSortKey *key = key_of_relation(rel, info,
										   lfirst_node(PathKey, lc),
										   any_order);

		if (key == NULL)
			return NIL;
		keys = lappend(keys, key);
	}
	return keys;
}

/* ---------- paths ---------- */

/* Adds a path whose sort costs at least a part of the whole. */
static void
add_sorted_path(PlannerInfo *root, RelOptInfo *rel, NeonRelInfo *info,
				List *pathkeys, double least)
{
	Cost		sort = neon_sort_cost(info->rows, -1);
	Cost		startup;
	Cost		total;
	Path	   *path;

	if (neon_sort_by_pathkeys(root, rel, info, pathkeys) == NIL)
		return;
	neon_path_cost(info, &startup, &total);
	sort = Max(sort, least * total);
	startup += sort;
	total += sort;
	if (IS_SIMPLE_REL(rel))
		path = (Path *) neon_create_foreignscan_path(root, rel, rel->rows,
													 startup, total, pathkeys,
													 NULL);
	else
		path = (Path *) neon_create_foreign_join_path(root, rel, rel->rows,
													  startup, total, pathkeys,
													  NULL);
	add_path(rel, path);
}

/* The side of a merge clause that belongs to the relation, NULL: neither. */
static EquivalenceClass *
clause_class(PlannerInfo *root, RelOptInfo *rel, RestrictInfo *rinfo)
{
	Relids		relids = IS_OTHER_REL(rel) ? rel->top_parent_relids :
		rel->relids;

	if (rinfo->mergeopfamilies == NIL)
		return NULL;
	update_mergeclause_eclasses(root, rinfo);
	if (bms_overlap(relids, rinfo->right_ec->ec_relids))
		return rinfo->right_ec;
	if (bms_overlap(relids, rinfo->left_ec->ec_relids))
		return rinfo->left_ec;
	return NULL;
}

/* The equivalence classes by which a merge join could need the rows sorted. */
static List *
merge_classes(PlannerInfo *root, RelOptInfo *rel)
{
	List	   *classes = NIL;
	ListCell   *lc;

	if (rel->has_eclass_joins)
	{
		foreach(lc, root->eq_classes)
		{
			if (eclass_useful_for_merging(root, lfirst(lc), rel))
				classes = lappend(classes, lfirst(lc));
		}
	}
	foreach(lc, rel->joininfo)
	{
		EquivalenceClass *ec = clause_class(root, rel, lfirst(lc));

		if (ec != NULL)
			classes = list_append_unique_ptr(classes, ec);
	}
	return classes;
}

void
neon_add_sorted_paths(PlannerInfo *root, RelOptInfo *rel, NeonRelInfo *info)
{
	ListCell   *lc;

	if (!bms_is_empty(rel->lateral_relids) ||
		!neon_rel_fits_reply(rel, info->rows, rel->reltarget->width))
		return;
	if (root->query_pathkeys != NIL)
		add_sorted_path(root, rel, info, root->query_pathkeys, 0);
	if (!enable_mergejoin)
		return;
	foreach(lc, merge_classes(root, rel))
	{
		PathKey    *pathkey = neon_ascending_pathkey(root, lfirst(lc));

		/* The path for the query's own order serves as well. */
		if (root->query_pathkeys == NIL ||
			linitial(root->query_pathkeys) != pathkey)
			add_sorted_path(root, rel, info, list_make1(pathkey), LEAST_PART);
	}
}
