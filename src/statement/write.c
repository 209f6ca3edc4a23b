/*-------------------------------------------------------------------------
 *
 * statement/write.c
 *		The plan node that runs a whole INSERT, UPDATE or DELETE.
 *
 * A custom scan without a relation.  What comes back are columns of the
 * written rows; the node's target list makes of them what RETURNING wants.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"

#include "compat/compat.h"
#include "deparse/query.h"
#include "deparse/write.h"
#include "statement/write.h"
#include "statement/write_exec.h"
#include "statement/write_plan.h"

static const CustomScanMethods write_methods = {
	.CustomName = "Neon Remote Write",
	.CreateCustomScanState = neon_write_create_state
};

/* State of rewriting RETURNING in terms of the columns that come back. */
typedef struct ReturningStep
{
	Query	   *query;
	Oid			relid;			/* the target */
	NeonRemoteColumns *columns;
	List	   *returned;		/* Vars */
} ReturningStep;

void
neon_statement_write_init(void)
{
	RegisterCustomScanMethods(&write_methods);
}

/* The column that comes back for a Var. */
static Node *
returned_var(ReturningStep *step, Index varno, AttrNumber attno)
{
	int			n = 0;
	ListCell   *lc;

	foreach(lc, step->returned)
	{
		Var		   *var = lfirst_node(Var, lc);

		n++;
		if (var->varno == varno && var->varattno == attno)
			return (Node *) makeVar(INDEX_VAR, n, var->vartype,
									var->vartypmod, var->varcollid, 0);
	}
	elog(ERROR, "column %d of relation %u is not returned", attno, varno);
}

/* Makes the target's whole row of the columns that come back. */
static Node *
whole_row(ReturningStep *step, Var *var)
{
	RowExpr    *row = makeNode(RowExpr);

	for (AttrNumber attno = 1; attno <= step->columns->natts; attno++)
	{
		char	   *name = step->columns->names[attno - 1];

		row->args = lappend(row->args, name == NULL ?
							(Node *) makeNullConst(INT4OID, -1, InvalidOid) :
							returned_var(step, var->varno, attno));
		row->colnames = lappend(row->colnames,
								makeString(get_attname(step->relid, attno,
													   true)));
	}
	row->row_typeid = var->vartype;
	row->row_format = COERCE_IMPLICIT_CAST;
	row->location = -1;
	return (Node *) row;
}

static Node *
returning_mutator(Node *node, ReturningStep *step)
{
	Var		   *var = (Var *) node;

	if (node == NULL)
		return NULL;
	if (!IsA(node, Var))
		return expression_tree_mutator(node, returning_mutator, step);
	if (var->varattno == TableOidAttributeNumber)
		return (Node *) makeConst(OIDOID, -1, InvalidOid, sizeof(Oid),
								  ObjectIdGetDatum(step->relid), false, true);
	if (var->varattno == 0)
		return whole_row(step, var);
	return returned_var(step, var->varno, var->varattno);
}

/* The range table entry that stands for the columns that come back. */
static RangeTblEntry *
returned_rte(Query *query, List *returned)
{
	RangeTblEntry *rte = makeNode(RangeTblEntry);
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, returned)
	{
		Var		   *var = lfirst_node(Var, lc);
		RangeTblEntry *source = rt_fetch(var->varno, query->rtable);

		if (var->varattno < 0)
			names = lappend(names, makeString(get_attname(source->relid,
														  var->varattno,
														  false)));
		else
			names = lappend(names,
							copyObject(list_nth(source->eref->colnames,
												var->varattno - 1)));
	}
	rte->rtekind = RTE_RESULT;
	rte->eref = makeAlias("remote", names);
	return rte;
}

static void
set_target_lists(CustomScan *plan, ReturningStep *step, Index varno)
{
	AttrNumber	n = 0;
	ListCell   *lc;

	foreach(lc, step->returned)
	{
		Var		   *var = lfirst_node(Var, lc);
		TargetEntry *tle;

		n++;
		tle = makeTargetEntry((Expr *) makeVar(varno, n, var->vartype,
											   var->vartypmod, var->varcollid,
											   0), n, NULL, false);
		if (var->varno == step->query->resultRelation)
		{
			/* for messages about values that are not readable */
			tle->resorigtbl = step->relid;
			tle->resorigcol = var->varattno;
			tle->resname = get_attname(step->relid, var->varattno, true);
		}
		plan->custom_scan_tlist = lappend(plan->custom_scan_tlist, tle);
	}
	plan->scan.plan.targetlist =
		(List *) returning_mutator((Node *) step->query->returningList, step);
}

/*
 * Does a type take every text that the remote may send, if the column has a
 * type of the same name there?  A domain has constraints of its own here; an
 * enum, or a composite type, may have less values, or columns, than there.
 */
static bool
takes_all(Oid type)
{
	Oid			element = get_element_type(type);
	char		kind = get_typtype(OidIsValid(element) ? element : type);

	return kind == TYPTYPE_BASE || kind == TYPTYPE_RANGE ||
		kind == TYPTYPE_MULTIRANGE;
}

/* Does RETURNING have nothing but columns, of types that take everything? */
static bool
is_safe(List *returning)
{
	ListCell   *lc;

	foreach(lc, returning)
	{
		Expr	   *expr = lfirst_node(TargetEntry, lc)->expr;

		if (!IsA(expr, Var) || !takes_all(((Var *) expr)->vartype))
			return false;
	}
	return true;
}

void
neon_write_plan_fill(NeonWritePlan *plan, const NeonRemoteWrite *write,
					 const NeonWriteSql *sql)
{
	const Query *query = write->query;

	plan->form = sql->form;
	plan->now = sql->now;
	plan->rehearsal = sql->rehearsal;
	plan->commit = sql->commit;
	plan->pinned = sql->pinned;
	plan->versioned = sql->versioned;
	plan->versioned_commit = sql->versioned_commit;
	plan->pins_own = sql->pins_own;
	plan->table = sql->table;
	plan->keys = sql->keys;
	for (int i = 1; i <= list_length(sql->returned); i++)
		plan->columns = lappend_int(plan->columns, i);
	plan->returns = query->returningList != NIL;
	plan->safe = is_safe(query->returningList);
	plan->skips = query->onConflict != NULL;
	plan->ngathered = sql->ngathered;
	plan->reads = sql->reads;
	plan->nreads = sql->nreads;
	plan->source = sql->source;
	plan->named = sql->named;
	plan->names = sql->names;
	plan->nnames = list_length(query->targetList);
	plan->nsource = sql->nsource;
	plan->command = query->commandType;
	plan->key_kind = sql->key_kind;
	plan->key_rows = sql->key_rows;
	plan->key_params = sql->key_params;
	plan->key_arrays = sql->key_arrays;
	plan->key_names = sql->key_names;
	plan->written_names = sql->written_names;
	plan->cell_rows = sql->cell_rows;
	plan->cell_params = sql->cell_params;
	plan->cell_arrays = sql->cell_arrays;
	plan->serverid = write->remote.serverid;
	plan->userid = write->remote.userid;
}

/*
 * The INSERT with its rows as some of many, if what it does is certain: rows
 * of values, nothing returned, nothing left out.
 */
static NeonWritePlan *
make_gathered_form(const NeonRemoteWrite *write, const NeonWriteSql *sql)
{
	NeonRemoteWrite gathered = *write;
	NeonWritePlan *plan;

	if (sql->cell_rows == 0 || write->query->returningList != NIL ||
		write->query->onConflict != NULL ||
		write->query->override == OVERRIDING_USER_VALUE)
		return NULL;
	gathered.simple = false;
	gathered.gathered = true;
	plan = palloc0(sizeof(NeonWritePlan));
	neon_write_plan_fill(plan, &gathered, neon_write_sql(&gathered));
	return plan;
}

CustomScan *
neon_statement_write(NeonRemoteWrite *write, Index varno, RangeTblEntry **rte)
{
	NeonWriteSql *sql = neon_write_sql(write);
	Query	   *query = write->query;
	ReturningStep step = {query, write->target->relid, write->target->columns,
	sql->returned};
	CustomScan *scan = makeNode(CustomScan);
	NeonWritePlan plan = {0};

	set_target_lists(scan, &step, varno);
	*rte = returned_rte(query, sql->returned);
	neon_write_plan_fill(&plan, write, sql);
	plan.gathered_form = make_gathered_form(write, sql);
	scan->custom_relids = bms_make_singleton(varno);
	scan->custom_exprs = sql->params;
	scan->custom_private = neon_write_plan_list(&plan);
	scan->methods = &write_methods;
	return scan;
}
