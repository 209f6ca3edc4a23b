/*-------------------------------------------------------------------------
 *
 * statement/scan.c
 *		The plan node that runs a remote query.
 *
 * The node is a custom scan without a relation: its tuples are the rows of
 * the remote query, in the order in which they arrive.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "executor/executor.h"
#include "foreign/foreign.h"
#include "nodes/extensible.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"

#include "compat/compat.h"
#include "deparse/query.h"
#include "option/option.h"
#include "scan/explain.h"
#include "scan/scan.h"
#include "scan/together.h"
#include "statement/scan.h"

/* Items of CustomScan.custom_private. */
enum NeonStatementPrivate
{
	NEON_STATEMENT_SQL,			/* String: the remote statement */
	NEON_STATEMENT_READS,		/* String: what must read the same later on,
								 * empty: the statement */
	NEON_STATEMENT_COLUMNS,		/* integer List: 1 to the number of columns */
	NEON_STATEMENT_OIDS			/* OID List: server, user or InvalidOid */
};

typedef struct NeonStatementState
{
	CustomScanState css;		/* must be first */
	NeonScanState scan;
} NeonStatementState;

static Node *create_state(CustomScan *plan);
static void begin_scan(CustomScanState *node, EState *estate, int eflags);
static TupleTableSlot *exec_scan(CustomScanState *node);
static void end_scan(CustomScanState *node);
static void rescan(CustomScanState *node);
static void explain_scan(CustomScanState *node, List *ancestors,
						 ExplainState *es);

static const CustomScanMethods scan_methods = {
	.CustomName = "Neon Remote Query",
	.CreateCustomScanState = create_state
};

static const CustomExecMethods exec_methods = {
	.CustomName = "Neon Remote Query",
	.BeginCustomScan = begin_scan,
	.ExecCustomScan = exec_scan,
	.EndCustomScan = end_scan,
	.ReScanCustomScan = rescan,
	.ExplainCustomScan = explain_scan
};

void
neon_statement_scan_init(void)
{
	RegisterCustomScanMethods(&scan_methods);
}

/* A column of the result: of the scan tuple, or (INDEX_VAR) the target list. */
static TargetEntry *
result_column(TargetEntry *tle, Index varno)
{
	Node	   *expr = (Node *) tle->expr;
	Var		   *var = makeVar(varno, tle->resno, exprType(expr),
							  exprTypmod(expr), exprCollation(expr), 0);
	TargetEntry *result = makeTargetEntry((Expr *) var, tle->resno,
										  tle->resname, false);

	/* tells the client which table the column comes from */
	result->resorigtbl = tle->resorigtbl;
	result->resorigcol = tle->resorigcol;
	return result;
}

static bool
is_sort_column_only(const TargetEntry *tle, const Query *query)
{
	return tle->resjunk &&
		get_sortgroupref_clause_noerr(tle->ressortgroupref,
									  query->sortClause) != NULL;
}

/* The query with the columns that it only sorts by, NULL if there are none. */
static Query *
with_sort_columns(Query *query)
{
	Query	   *result = NULL;
	ListCell   *lc;

	foreach(lc, query->targetList)
	{
		if (!is_sort_column_only(lfirst_node(TargetEntry, lc), query))
			continue;
		if (result == NULL)
			result = copyObject(query);
		list_nth_node(TargetEntry, result->targetList,
					  foreach_current_index(lc))->resjunk = false;
	}
	return result;
}

/*
 * What must read the same later on if the statement does, empty if that is the
 * statement: its rows are a set for whoever compares them, but what decides
 * their order was read, too.  It is printed by itself, not behind the
 * statement, since rows of VALUES take new parameters each time: so it has the
 * same parameters in the same order, for the two differ in flags alone.
 *
 * Transactions below REPEATABLE READ have no use for it, but a plan that is made
 * in one may be kept for others, and nobody says whether it is.  To print when
 * it is needed, the plan would have to hold the query, and the executor to judge
 * it anew: more than the 20 to 60 microseconds that this takes are worth.
 */
static char *
reads_of(const NeonRemoteSql *sql, Query *query)
{
	Query	   *sorted = with_sort_columns(query);
	NeonRemoteSql reads;

	if (sorted == NULL)
		return "";
	neon_sql_init(&reads, sql->ship);
	neon_sql_append_query(&reads, sorted);
	Assert(equal(reads.params, sql->params));
	return reads.text.data;
}

CustomScan *
neon_statement_scan(NeonRemoteQuery *remote, Query *query, Index varno)
{
	CustomScan *plan = makeNode(CustomScan);
	NeonRemoteSql sql;
	char	   *reads;
	List	   *columns = NIL;
	ListCell   *lc;

	neon_sql_init(&sql, &remote->ship);
	neon_sql_append_query(&sql, query);
	reads = reads_of(&sql, query);

	foreach(lc, query->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		if (tle->resjunk)
			continue;
		columns = lappend_int(columns, tle->resno);
		plan->custom_scan_tlist = lappend(plan->custom_scan_tlist,
										  result_column(tle, varno));
		plan->scan.plan.targetlist = lappend(plan->scan.plan.targetlist,
											 result_column(tle, INDEX_VAR));
	}
	plan->custom_relids = bms_make_singleton(varno);
	plan->custom_exprs = sql.params;
	plan->custom_private = list_make4(makeString(sql.text.data),
									  makeString(reads), columns,
									  list_make2_oid(remote->serverid,
													 remote->userid));
	plan->methods = &scan_methods;
	return plan;
}

static Node *
create_state(CustomScan *plan)
{
	NeonStatementState *state = palloc0(sizeof(NeonStatementState));
	const char *reads = strVal(list_nth(plan->custom_private,
										NEON_STATEMENT_READS));

	NodeSetTag(state, T_CustomScanState);
	state->css.methods = &exec_methods;
	state->scan.sql = strVal(list_nth(plan->custom_private,
									  NEON_STATEMENT_SQL));
	state->scan.reads = reads[0] != '\0' ? reads : NULL;
	state->scan.columns = list_nth(plan->custom_private,
								   NEON_STATEMENT_COLUMNS);
	state->scan.ncolumns = list_length(state->scan.columns);
	return (Node *) state;
}

static void
begin_scan(CustomScanState *node, EState *estate, int eflags)
{
	NeonStatementState *state = (NeonStatementState *) node;
	CustomScan *plan = (CustomScan *) node->ss.ps.plan;
	List	   *oids = list_nth(plan->custom_private, NEON_STATEMENT_OIDS);
	Oid			userid = lsecond_oid(oids);

	if (eflags & EXEC_FLAG_EXPLAIN_ONLY)
		return;
	neon_scan_begin(&state->scan, &node->ss,
					neon_user_mapping(userid, linitial_oid(oids)),
					plan->custom_exprs, NULL, plan->custom_scan_tlist);
	neon_together_add(&state->scan, &node->ss);
}

static TupleTableSlot *
next_row(ScanState *node)
{
	return neon_scan_next(&((NeonStatementState *) node)->scan, node);
}

/*
 * There is nothing to check again: a statement with row locks does not run as
 * a whole.
 */
static bool
recheck_row(ScanState *node, TupleTableSlot *slot)
{
	return true;
}

static TupleTableSlot *
exec_scan(CustomScanState *node)
{
	return ExecScan(&node->ss, next_row, recheck_row);
}

static void
end_scan(CustomScanState *node)
{
	neon_scan_end(&((NeonStatementState *) node)->scan);
}

static void
rescan(CustomScanState *node)
{
	neon_scan_restart(&((NeonStatementState *) node)->scan);
	ExecScanReScan(&node->ss);
}

static void
explain_scan(CustomScanState *node, List *ancestors, ExplainState *es)
{
	CustomScan *plan = (CustomScan *) node->ss.ps.plan;

	neon_explain_scan(&((NeonStatementState *) node)->scan, &node->ss.ps,
					  plan->custom_exprs, es);
}
