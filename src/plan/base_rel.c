/*-------------------------------------------------------------------------
 *
 * plan/base_rel.c
 *		Planning of foreign scans: sizes, paths, costs, plans.
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

#include "access/htup_details.h"
#include "access/sysattr.h"
#include "catalog/pg_class.h"
#include "foreign/foreign.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/planmain.h"
#include "optimizer/restrictinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"

#include "compat/compat.h"
#include "deparse/deparse.h"
#include "option/option.h"
#include "option/table_cache.h"
#include "plan/base_rel.h"
#include "plan/cost.h"
#include "plan/estimate.h"
#include "plan/rel.h"
#include "plan/row_lock.h"
#include "plan/size.h"
#include "plan/sort.h"

/*
 * What a request that each row of another relation sends again costs more, as
 * a part of the fixed cost.  When few rows are expected, such a loop costs
 * as much as a bind join or a hash join, within a hair; but when there
 * are many after all, it costs any multiple, and the others hardly more.
 */
#define REPEATED_EXTRA	0.05

/*
 * The remote checks its conditions in any order, and their errors show what
 * they were applied to.  So a condition of the user's on a security barrier
 * view stays here, where it waits for those of the view.
 */
bool
neon_may_check_remotely(RelOptInfo *rel, RestrictInfo *rinfo)
{
	NeonRelInfo *info = rel->fdw_private;

	return restriction_is_securely_promotable(rinfo, rel) &&
		neon_is_shippable(&info->ship, rinfo->clause);
}

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

/* Another table of the same server, of which planning knows already. */
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
 * What all tables of a server have in common.  Range table indexes behind
 * those of the query are for subqueries in the remote statement.
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

	/* The remote has an index, and no statistics are needed. */
	if (neon_is_key_lookup(rel, info->remote_conds))
		rel->rows = 1;

	info->use_remote_estimate =
		neon_override(info->table->use_remote_estimate,
					  info->server->use_remote_estimate);
	if (info->use_remote_estimate)
		neon_estimate_scans(root, rel, parameterizations(root, rel));
}

/*
 * Does the clause fix a column to one value that is known before the scan?
 * Returns the column's number, else 0.
 */
static AttrNumber
fixed_column(RelOptInfo *rel, RestrictInfo *rinfo)
{
	OpExpr	   *op = (OpExpr *) rinfo->clause;
	Node	   *left;
	Node	   *right;

	if (!IsA(op, OpExpr) || list_length(op->args) != 2 ||
		!op_mergejoinable(op->opno, exprType(linitial(op->args))))
		return 0;
	left = strip_implicit_coercions(linitial(op->args));
	right = strip_implicit_coercions(lsecond(op->args));
	if (IsA(right, Var) && ((Var *) right)->varno == rel->relid)
	{
		Node	   *swap = left;

		left = right;
		right = swap;
	}
	if (!IsA(left, Var) || ((Var *) left)->varno != rel->relid ||
		((Var *) left)->varlevelsup > 0 || ((Var *) left)->varattno <= 0 ||
		bms_is_member(rel->relid, pull_varnos_of_level(NULL, right, 0)))
		return 0;
	return ((Var *) left)->varattno;
}

bool
neon_is_key_lookup(RelOptInfo *rel, List *clauses)
{
	NeonRelInfo *info = rel->fdw_private;
	NeonRemoteColumns *columns = info->ship.columns[rel->relid];
	Bitmapset  *fixed = NULL;
	bool		has_key = false;
	ListCell   *lc;
	int			i;

	foreach(lc, clauses)
		fixed = bms_add_member(fixed,
							   fixed_column(rel, lfirst_node(RestrictInfo, lc)));
	for (i = 0; i < columns->natts; i++)
	{
		if (!columns->key[i])
			continue;
		has_key = true;
		if (!bms_is_member(i + 1, fixed))
			return false;
	}
	return has_key;
}

/* Adds one path that checks clauses remotely besides the remote conditions. */
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

/* Parameterization by one join clause, or NULL if it cannot be checked there. */
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

/* Which members of equivalence classes to make join clauses for. */
typedef struct MemberWalk
{
	Expr	   *current;		/* the one in hand, NULL: take the next */
	List	   *done;
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
	neon_add_sorted_path(root, rel, rel->fdw_private);
}

static bool
is_used(NeonRelInfo *info, AttrNumber attnum)
{
	return bms_is_member(attnum - FirstLowInvalidHeapAttributeNumber,
						 info->attrs_used);
}

/*
 * The columns to fetch, in the order of the table.  Of the system columns
 * ctid is, and what else tells a row from its other versions if they are to
 * be written.  The others, save for tableoid, are no more than a part of the
 * tuple that these come in.
 */
static List *
columns_to_fetch(RelOptInfo *rel, NeonRelInfo *info)
{
	NeonRemoteColumns *columns = info->ship.columns[rel->relid];
	bool		whole_row = is_used(info, 0);
	List	   *result = NIL;
	int			i;

	for (i = 1; i <= columns->natts; i++)
	{
		if (columns->names[i - 1] != NULL && (whole_row || is_used(info, i)))
			result = lappend_int(result, i);
	}
	if (is_used(info, SelfItemPointerAttributeNumber) ||
		is_used(info, MinTransactionIdAttributeNumber) ||
		is_used(info, MinCommandIdAttributeNumber) ||
		is_used(info, MaxTransactionIdAttributeNumber) ||
		is_used(info, MaxCommandIdAttributeNumber))
		result = lappend_int(result, SelfItemPointerAttributeNumber);
	if (info->versioned != NULL &&
		is_used(info, MinTransactionIdAttributeNumber))
		result = lappend_int(result, MinTransactionIdAttributeNumber);
	if (info->versioned != NULL && is_used(info, MinCommandIdAttributeNumber))
		result = lappend_int(result, MinCommandIdAttributeNumber);
	return result;
}

NeonRemoteSql *
neon_scan_statement(RelOptInfo *rel, List *exprs)
{
	NeonRelInfo *info = rel->fdw_private;
	NeonRemoteSql *sql = palloc(sizeof(NeonRemoteSql));

	neon_sql_init(sql, &info->ship);
	neon_sql_append_scan(sql, rel->relid, info->table,
						 columns_to_fetch(rel, info), exprs);
	return sql;
}

/* The scan of one table. */
static ForeignScan *
scan_plan(PlannerInfo *root, RelOptInfo *rel, ForeignPath *path, List *tlist,
		  List *remote_exprs, List *local_exprs, Plan *outer_plan)
{
	NeonRelInfo *info = rel->fdw_private;
	List	   *table = NIL;
	NeonRemoteSql *sql = neon_scan_statement(rel, remote_exprs);

	if (path->path.pathkeys != NIL)
		neon_sql_append_scan_sort(sql,
								  neon_sort_by_pathkeys(root, rel, info,
														path->path.pathkeys));
	else
		table = list_make2(makeString(quote_qualified_identifier(info->table->schema_name,
																 info->table->table_name)),
						   makeBoolean(remote_exprs != NIL));

	return make_foreignscan(tlist, local_exprs, rel->relid, sql->params,
							list_make4(makeString(sql->text.data),
									   columns_to_fetch(rel, info),
									   table, list_make1_oid(rel->userid)),
							NIL, remote_exprs, outer_plan);
}

ForeignScan *
neonGetForeignPlan(PlannerInfo *root, RelOptInfo *rel, Oid relid,
				   ForeignPath *path, List *tlist, List *scan_clauses,
				   Plan *outer_plan)
{
	NeonRelInfo *info = rel->fdw_private;
	List	   *remote_exprs = NIL;
	List	   *local_exprs = NIL;
	ListCell   *lc;

	if (!IS_SIMPLE_REL(rel))
		return neon_rel_plan(root, rel, path, tlist, outer_plan);
	foreach(lc, scan_clauses)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);

		/* A gating Result node checks these. */
		if (rinfo->pseudoconstant)
			continue;
		if (list_member_ptr(info->remote_conds, rinfo) ||
			(!list_member_ptr(info->local_conds, rinfo) &&
			 neon_may_check_remotely(rel, rinfo)))
			remote_exprs = lappend(remote_exprs, rinfo->clause);
		else
			local_exprs = lappend(local_exprs, rinfo->clause);
	}
	return scan_plan(root, rel, path, tlist, remote_exprs, local_exprs,
					 outer_plan);
}
