/*-------------------------------------------------------------------------
 *
 * plan/base_rel.c
 *		Sizes and paths of foreign tables.
 *
 * Conditions that may run remotely do, those that may not are checked here
 * on what comes back.  Each join clause that may run remotely gives rise to
 * a path parameterized by the other side: with a key it fetches one row
 * where a plain scan would fetch the table.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "foreign/foreign.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/restrictinfo.h"

#include "compat/compat.h"
#include "option/option.h"
#include "option/table_cache.h"
#include "plan/base_rel.h"
#include "plan/condition.h"
#include "plan/cost.h"
#include "plan/estimate.h"
#include "plan/row_lock.h"
#include "plan/size.h"
#include "plan/sort.h"

/*
 * A parameterized scan costs this part of fdw_startup_cost more, since the
 * estimate of how often it is repeated may be wrong.  Where few outer rows are
 * expected, a nested loop over such a scan, a bind join and a hash join cost
 * almost the same.  If many outer rows come after all, the loop sends a
 * request for each, while the other joins hardly take longer.
 */
#define REPEATED_EXTRA	0.05

/* Sorts the restriction clauses into remote and local ones. */
static void
classify_conditions(RelOptInfo *rel, NeonRelInfo *info)
{
	ListCell   *lc;

	foreach(lc, rel->baserestrictinfo)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);

		if (neon_may_check_remotely(rel, rinfo))
			info->remote_conds = lappend(info->remote_conds, rinfo);
		else
			info->local_conds = lappend(info->local_conds, rinfo);
	}
}

/* The info of another table of the same server, NULL: this is the first. */
static NeonRelInfo *
sibling_info(PlannerInfo *root, RelOptInfo *rel)
{
	int			i;

	for (i = 1; i < root->simple_rel_array_size; i++)
	{
		RelOptInfo *other = root->simple_rel_array[i];

		if (other != NULL && other != rel && other->fdw_private != NULL &&
			other->serverid == rel->serverid)
			return other->fdw_private;
	}
	return NULL;
}

/*
 * Sets what all tables of a server share.  Range table indexes behind those of
 * the query are for subqueries in the remote statement.
 */
static void
set_server(PlannerInfo *root, RelOptInfo *rel, NeonRelInfo *info)
{
	NeonRelInfo *sibling = sibling_info(root, rel);

	if (sibling != NULL)
	{
		info->server = sibling->server;
		info->ship.ncolumns = sibling->ship.ncolumns;
		info->ship.columns = sibling->ship.columns;
	}
	else
	{
		info->server = neon_server_options(GetForeignServer(rel->serverid));
		info->ship.ncolumns = NEON_ALIAS_SETS * root->simple_rel_array_size;
		info->ship.columns = palloc0(sizeof(NeonRemoteColumns *) *
									 info->ship.ncolumns);
	}
	info->ship.extensions = info->server->extensions;
	info->ship.extension_schemas = info->server->extension_schemas;
}

/*
 * Not below a LIMIT, where other tables are perhaps never read.  A fraction of
 * rows below 1 is that of a cursor.
 */
static bool
is_async_capable(PlannerInfo *root, NeonRelInfo *info)
{
	return root->limit_tuples < 0 && root->tuple_fraction < 1 &&
		neon_override(info->table->async_capable,
					  info->server->async_capable);
}

bool
neonIsForeignPathAsyncCapable(ForeignPath *path)
{
	NeonRelInfo *info = path->path.parent->fdw_private;

	return info != NULL && info->async_capable;
}

static List *parameterizations(PlannerInfo *root, RelOptInfo *rel);

void
neonGetForeignRelSize(PlannerInfo *root, RelOptInfo *rel, Oid relid)
{
	NeonRelInfo *info = palloc0(sizeof(NeonRelInfo));
	const NeonTable *table = neon_table(relid);
	ListCell   *lc;

	rel->fdw_private = info;
	set_server(root, rel, info);
	info->table = table->options;
	info->async_capable = is_async_capable(root, info);
	if (bms_is_member(rel->relid, root->all_result_relids))
		info->versioned = bms_make_singleton(rel->relid);
	info->ship.relids = bms_make_singleton(rel->relid);
	info->ship.columns[rel->relid] = table->columns;
	info->ship.types = info->ship.columns[rel->relid]->types;

	classify_conditions(rel, info);
	pull_varattnos((Node *) rel->reltarget->exprs, rel->relid,
				   &info->attrs_used);
	foreach(lc, info->local_conds)
		pull_varattnos((Node *) lfirst_node(RestrictInfo, lc)->clause,
					   rel->relid, &info->attrs_used);
	neon_lock_plan(root, rel, info);
	cost_qual_eval(&info->local_cost, info->local_conds, root);

	neon_plan_size(root, rel, relid, info);
	set_baserel_size_estimates(root, rel);

	/* Each key has at most one row, whatever the statistics say. */
	if (neon_is_key_lookup(rel, info->remote_conds))
		rel->rows = 1;

	info->use_remote_estimate =
		neon_override(info->table->use_remote_estimate,
					  info->server->use_remote_estimate);
	if (info->use_remote_estimate)
		neon_estimate_scans(root, rel, parameterizations(root, rel));
}

/* Adds one path; that of a ParamPathInfo also checks its clauses remotely. */
static void
add_scan_path(PlannerInfo *root, RelOptInfo *rel, ParamPathInfo *param_info)
{
	NeonRelInfo *info = rel->fdw_private;
	NeonRelInfo scan = *info;
	List	   *clauses = info->remote_conds;
	Relids		required_outer = rel->lateral_relids;
	double		rows = rel->rows;
	double		scanned = rel->tuples;
	double		pages = rel->pages;
	Cost		startup;
	Cost		total;

	if (param_info != NULL)
	{
		clauses = list_concat_copy(clauses, param_info->ppi_clauses);
		required_outer = param_info->ppi_req_outer;
		rows = param_info->ppi_rows;
	}
	scan.rows = clamp_row_est(rel->tuples *
							  clauselist_selectivity(root, clauses, rel->relid,
													 JOIN_INNER, NULL));
	if (neon_is_key_lookup(rel, clauses))
	{
		rows = 1;
		scan.rows = 1;
		scanned = 1;
		pages = Min(pages, 1);
		if (param_info != NULL)
			param_info->ppi_rows = rows;
	}

	scan.remote_cost = seq_page_cost * pages + cpu_tuple_cost * scanned;
	neon_use_scan_estimate(&scan, param_info);
	if (param_info == NULL)
	{
		info->rows = scan.rows;
		info->remote_cost = scan.remote_cost;
	}
	neon_path_cost(&scan, &startup, &total);
	if (param_info != NULL)
	{
		Cost		extra = REPEATED_EXTRA * info->server->fdw_startup_cost;

		startup += extra;
		total += extra;
	}
	add_path(rel, (Path *)
			 neon_create_foreignscan_path(root, rel, rows, startup, total,
										  NIL, required_outer));
}

/* Parameterization by a join clause; NULL if the remote cannot check it. */
static ParamPathInfo *
clause_parameterization(PlannerInfo *root, RelOptInfo *rel,
						RestrictInfo *rinfo)
{
	Relids		required_outer;

	if (!join_clause_is_movable_to(rinfo, rel) ||
		!neon_may_check_remotely(rel, rinfo))
		return NULL;
	required_outer = bms_union(rinfo->clause_relids, rel->lateral_relids);
	required_outer = bms_del_member(required_outer, rel->relid);
	if (bms_is_empty(required_outer))
		return NULL;
	return get_baserel_parampathinfo(root, rel, required_outer);
}

/* A walk through the equivalence class members of a relation. */
typedef struct MemberWalk
{
	Expr	   *current;		/* member in hand, NULL: take the next one */
	List	   *done;			/* members that have been in hand */
} MemberWalk;

static bool
take_member(PlannerInfo *root, RelOptInfo *rel, EquivalenceClass *ec,
			EquivalenceMember *em, void *arg)
{
	MemberWalk *walk = arg;

	if (walk->current != NULL)
		return equal(em->em_expr, walk->current);
	if (list_member(walk->done, em->em_expr))
		return false;
	walk->current = em->em_expr;
	return true;
}

static List *
add_parameterizations(PlannerInfo *root, RelOptInfo *rel, List *clauses,
					  List *found)
{
	ListCell   *lc;

	foreach(lc, clauses)
	{
		ParamPathInfo *param_info;

		param_info = clause_parameterization(root, rel,
											 lfirst_node(RestrictInfo, lc));
		if (param_info != NULL)
			found = list_append_unique_ptr(found, param_info);
	}
	return found;
}

static List *
parameterizations(PlannerInfo *root, RelOptInfo *rel)
{
	List	   *found = add_parameterizations(root, rel, rel->joininfo, NIL);
	MemberWalk	walk = {NULL, NIL};

	while (rel->has_eclass_joins)
	{
		List	   *clauses;

		walk.current = NULL;
		clauses = generate_implied_equalities_for_column(root, rel,
														 take_member, &walk,
														 rel->lateral_referencers);
		if (walk.current == NULL)
			break;
		found = add_parameterizations(root, rel, clauses, found);
		walk.done = lappend(walk.done, walk.current);
	}
	return found;
}

void
neonGetForeignPaths(PlannerInfo *root, RelOptInfo *rel, Oid relid)
{
	ListCell   *lc;

	add_scan_path(root, rel, neon_lateral_parameters(root, rel));
	foreach(lc, parameterizations(root, rel))
		add_scan_path(root, rel, lfirst(lc));
	neon_add_sorted_paths(root, rel, rel->fdw_private);
}
