/*-------------------------------------------------------------------------
 *
 * plan/estimate.c
 *		Rows and costs of remote statements as the remote's planner sees them
 *		(option use_remote_estimate).
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "foreign/foreign.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"

#include "compat/compat.h"
#include "option/option.h"
#include "plan/condition.h"
#include "plan/estimate.h"
#include "plan/rel.h"
#include "plan/remote_estimate.h"
#include "plan/scan_statement.h"

/*
 * One way to scan a foreign table; NeonRelInfo.estimates is a list of these.
 */
typedef struct ScanEstimate
{
	ParamPathInfo *param_info;	/* NULL: without parameters */
	List	   *local_conds;	/* its RestrictInfos that are checked here */
	double		rows;
	Cost		cost;
} ScanEstimate;

ParamPathInfo *
neon_lateral_parameters(PlannerInfo *root, RelOptInfo *rel)
{
	if (bms_is_empty(rel->lateral_relids))
		return NULL;
	return get_baserel_parampathinfo(root, rel, rel->lateral_relids);
}

/* Adds one way to scan, and appends its statement to the list. */
static List *
add_scan(RelOptInfo *rel, ParamPathInfo *param_info, List *statements)
{
	NeonRelInfo *info = rel->fdw_private;
	ScanEstimate *scan = palloc0_object(ScanEstimate);
	List	   *exprs = NIL;
	ListCell   *lc;

	scan->param_info = param_info;
	scan->local_conds = list_copy(info->local_conds);
	foreach(lc, info->remote_conds)
		exprs = lappend(exprs, lfirst_node(RestrictInfo, lc)->clause);
	foreach(lc, param_info != NULL ? param_info->ppi_clauses : NIL)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);

		if (neon_may_check_remotely(rel, rinfo))
			exprs = lappend(exprs, rinfo->clause);
		else
			scan->local_conds = lappend(scan->local_conds, rinfo);
	}
	info->estimates = lappend(info->estimates, scan);
	return lappend(statements, neon_scan_statement(rel, exprs));
}

void
neon_estimate_scans(PlannerInfo *root, RelOptInfo *rel, List *param_infos)
{
	NeonRelInfo *info = rel->fdw_private;
	List	   *statements;
	NeonRemoteEstimate *estimates;
	ListCell   *lc;

	statements = add_scan(rel, neon_lateral_parameters(root, rel), NIL);
	foreach(lc, param_infos)
		statements = add_scan(rel, lfirst(lc), statements);
	estimates = neon_remote_estimate(root,
									 neon_user_mapping(rel->userid,
													   rel->serverid),
									 statements);

	foreach(lc, info->estimates)
	{
		ScanEstimate *scan = lfirst(lc);
		NeonRemoteEstimate *estimate = &estimates[foreach_current_index(lc)];
		double		rows;

		scan->rows = estimate->rows;
		scan->cost = estimate->cost;
		rows = clamp_row_est(estimate->rows *
							 clauselist_selectivity(root, scan->local_conds,
													rel->relid, JOIN_INNER,
													NULL));
		if (lc == list_head(info->estimates))
		{
			rel->rows = rows;
			rel->reltarget->width = estimate->width;
		}
		if (scan->param_info != NULL)
			scan->param_info->ppi_rows = rows;
	}
}

void
neon_use_scan_estimate(NeonRelInfo *scan, ParamPathInfo *param_info)
{
	ListCell   *lc;

	foreach(lc, scan->estimates)
	{
		ScanEstimate *estimate = lfirst(lc);

		if (estimate->param_info != param_info)
			continue;
		scan->rows = estimate->rows;
		scan->remote_cost = estimate->cost;
	}
}

void
neon_estimate_above(PlannerInfo *root, RelOptInfo *rel, NeonRelInfo *info,
					List *exprs, double *rows)
{
	NeonRemoteEstimate *estimate;
	List	   *scan_tlist;
	NeonSelect	select;
	NeonRemoteSql sql;

	if (!info->use_remote_estimate)
		return;
	select = neon_rel_select(root, info, exprs, &scan_tlist);
	neon_sql_init(&sql, &info->ship);
	neon_sql_append_select(&sql, &select);
	estimate = neon_remote_estimate(root,
									neon_user_mapping(rel->userid,
													  rel->serverid),
									list_make1(&sql));
	info->rows = estimate->rows;
	info->remote_cost = estimate->cost;
	*rows = clamp_row_est(estimate->rows *
						  clauselist_selectivity(root, info->local_exprs, 0,
												 JOIN_INNER, NULL));
}
