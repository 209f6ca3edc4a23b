/*-------------------------------------------------------------------------
 *
 * bind_join/plan.c
 *		The plan node of a bind join.
 *
 * The keys of a batch travel as one array for each key column.  The remote
 * statement compares the table's columns with the elements of the arrays, so
 * that the remote can use the same index as for a single key.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "nodes/extensible.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "optimizer/paramassign.h"
#include "optimizer/restrictinfo.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "bind_join/bind_path.h"
#include "bind_join/clause.h"
#include "bind_join/exec.h"
#include "bind_join/node.h"
#include "bind_join/plan.h"
#include "bind_join/tuple.h"
#include "deparse/deparse.h"
#include "option/remote_type.h"
#include "plan/rel.h"

/* The clauses of a join by where they are checked. */
typedef struct JoinClauses
{
	List	   *remote;			/* remotely; the keys' are not among them */
	List	   *join;			/* here, on each pair of rows */
	List	   *above;			/* here, on the joined rows */
} JoinClauses;

/* The remote statement. */
typedef struct Statement
{
	NeonRemoteSql sql;
	List	   *key_params;		/* Params by key */
	List	   *params;			/* see NEON_BIND_PARAMS */
	List	   *param_keys;		/* see NEON_BIND_PARAM_KEYS */
} Statement;

/*
 * An equality with its outer side on the left, if it can be turned round.
 * Versions of PostgreSQL differ in which side they put first, and plans should
 * not.  Any other condition is returned as it is.
 */
static Expr *
outer_first(RestrictInfo *rinfo, Relids outer)
{
	OpExpr	   *op = (OpExpr *) rinfo->clause;

	if (!IsA(op, OpExpr) || list_length(op->args) != 2 ||
		bms_is_empty(rinfo->left_relids) ||
		bms_is_subset(rinfo->left_relids, outer) ||
		bms_is_empty(rinfo->right_relids) ||
		!bms_is_subset(rinfo->right_relids, outer) ||
		!OidIsValid(get_commutator(op->opno)))
		return rinfo->clause;
	op = copyObject(op);
	CommuteOpExpr(op);
	return (Expr *) op;
}

static JoinClauses
sort_clauses(NeonBindPath *bind, Relids joinrelids, Relids outer)
{
	NeonRelInfo *info = bind->inner->fdw_private;
	JoinClauses result = {NIL, NIL, NIL};
	ListCell   *lc;

	foreach(lc, bind->clauses)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);

		if (IS_OUTER_JOIN(bind->jointype) &&
			RINFO_IS_PUSHED_DOWN(rinfo, joinrelids))
			result.above = lappend(result.above, rinfo->clause);
		else if (!bms_overlap(rinfo->clause_relids, outer) &&
				 bms_overlap(rinfo->clause_relids, bind->inner->relids) &&
				 restriction_is_securely_promotable(rinfo, bind->inner) &&
				 neon_is_shippable(&info->ship, rinfo->clause))
			result.remote = lappend(result.remote, rinfo->clause);
		else
			result.join = lappend(result.join, outer_first(rinfo, outer));
	}
	return result;
}

static List *
key_exprs(NeonBindPath *bind, bool outer)
{
	List	   *exprs = NIL;
	ListCell   *lc;

	foreach(lc, bind->keys)
	{
		NeonBindKey *key = lfirst(lc);

		exprs = lappend(exprs, outer ? key->outer : key->inner);
	}
	return exprs;
}

/* A statement for one key: "inner = ANY (array)" can use an index on inner. */
static void
print_single(Statement *statement, NeonBindPath *bind, List *columns,
			 List *conditions)
{
	NeonRelInfo *info = bind->inner->fdw_private;
	Expr	   *condition;

	condition = neon_bind_key_condition(linitial(bind->keys),
										linitial(statement->key_params));
	neon_sql_append_scan(&statement->sql, bind->inner->relid, info->table,
						 columns, lappend(list_copy(conditions), condition));
}

/*
 * Adds a relation of keys, with a row for each key and the columns k1, k2 ....
 * Returns its range table index, the first one that is free.
 */
static Index
add_key_relation(NeonShipContext *ship, int nkeys)
{
	NeonRemoteColumns *keys = palloc0(sizeof(NeonRemoteColumns));
	NeonRemoteColumns **columns;
	Index		relid = ship->ncolumns;
	int			i;

	keys->natts = nkeys;
	keys->names = palloc0(sizeof(char *) * nkeys);
	keys->key = palloc0(sizeof(bool) * nkeys);
	keys->ambiguous = palloc0(sizeof(bool) * nkeys);
	for (i = 0; i < nkeys; i++)
		keys->names[i] = psprintf("k%d", i + 1);

	columns = palloc0(sizeof(NeonRemoteColumns *) * (ship->ncolumns + 1));
	memcpy(columns, ship->columns,
		   sizeof(NeonRemoteColumns *) * ship->ncolumns);
	columns[relid] = keys;
	ship->columns = columns;
	ship->ncolumns++;
	ship->relids = bms_add_member(bms_copy(ship->relids), relid);
	return relid;
}

/* Appends "unnest($1::type[], $2::type[]) r9(k1, k2)". */
static void
append_key_rows(Statement *statement, Index relid)
{
	NeonRemoteSql *sql = &statement->sql;
	StringInfoData names;
	int			n = 0;
	ListCell   *lc;

	initStringInfo(&names);
	appendStringInfoString(&sql->text, "unnest(");
	foreach(lc, statement->key_params)
	{
		const char *separator = n++ > 0 ? ", " : "";

		sql->params = lappend(sql->params, lfirst(lc));
		appendStringInfo(&sql->text, "%s$%d::%s", separator,
						 list_length(sql->params),
						 neon_remote_type_name(sql->ship->extensions,
											   sql->ship->types,
											   exprType(lfirst(lc))));
		appendStringInfo(&names, "%sk%d", separator, n);
	}
	appendStringInfo(&sql->text, ") r%d(%s)", neon_sql_alias(sql, relid),
					 names.data);
}

/*
 * A statement for several key columns: the arrays are the columns of a
 * relation of keys.  With EXISTS, a row that fits several keys is returned
 * once.
 */
static void
print_several(Statement *statement, NeonBindPath *bind, List *columns,
			  List *conditions)
{
	NeonRelInfo *info = bind->inner->fdw_private;
	NeonRemoteSql *sql = &statement->sql;
	Index		relid = bind->inner->relid;
	Index		keys = add_key_relation(sql->ship, list_length(bind->keys));
	List	   *equalities = NIL;
	ListCell   *lc;

	foreach(lc, bind->keys)
	{
		NeonBindKey *key = lfirst(lc);
		Node	   *outer = (Node *) key->outer;
		Var		   *var = makeVar(keys, list_length(equalities) + 1,
								  exprType(outer), -1, exprCollation(outer),
								  0);

		equalities = lappend(equalities,
							 neon_bind_key_condition(key, (Expr *) var));
	}

	appendStringInfoString(&sql->text, "SELECT ");
	neon_sql_append_columns(sql, relid, columns, true);
	appendStringInfo(&sql->text, " FROM %s r%d WHERE EXISTS (SELECT 1 FROM ",
					 quote_qualified_identifier(info->table->schema_name,
												info->table->table_name),
					 neon_sql_alias(sql, relid));
	append_key_rows(statement, keys);
	appendStringInfoString(&sql->text, " WHERE ");
	neon_sql_append_conditions(sql, equalities, true);
	appendStringInfoChar(&sql->text, ')');
	if (conditions != NIL)
	{
		appendStringInfoString(&sql->text, " AND ");
		neon_sql_append_conditions(sql, conditions, true);
	}
}

/*
 * Divides the parameters into those for keys, whose values the node sets, and
 * the others, which are expressions of the plan.
 */
static void
sort_params(Statement *statement)
{
	ListCell   *lc;

	foreach(lc, statement->sql.params)
	{
		int			number = 0;
		ListCell   *lc2;

		foreach(lc2, statement->key_params)
		{
			if (equal(lfirst(lc), lfirst(lc2)))
				break;
			number++;
		}
		statement->param_keys = lappend_int(statement->param_keys,
											lc2 != NULL ? number : -1);
		if (lc2 == NULL)
			statement->params = lappend(statement->params, lfirst(lc));
	}
}

static void
make_statement(PlannerInfo *root, Statement *statement, NeonBindPath *bind,
			   List *columns, List *conditions)
{
	NeonRelInfo *info = bind->inner->fdw_private;
	NeonShipContext *ship = palloc(sizeof(NeonShipContext));
	ListCell   *lc;

	*ship = info->ship;
	memset(statement, 0, sizeof(Statement));
	neon_sql_init(&statement->sql, ship);
	foreach(lc, bind->keys)
	{
		NeonBindKey *key = lfirst(lc);
		Oid			collation = exprCollation((Node *) key->outer);
		Param	   *param;

		param = generate_new_exec_param(root, key->array_type, -1, collation);
		statement->key_params = lappend(statement->key_params, param);
	}
	if (list_length(bind->keys) == 1)
		print_single(statement, bind, columns, conditions);
	else
		print_several(statement, bind, columns, conditions);
	sort_params(statement);
}

/* Appends the items NEON_BIND_KEY_PARAMS to NEON_BIND_KEY_ARRAYS. */
static List *
add_key_items(List *private, NeonBindPath *bind, Statement *statement)
{
	List	   *params = NIL;
	List	   *sides = NIL;
	List	   *operators = NIL;
	List	   *collations = NIL;
	List	   *arrays = NIL;
	ListCell   *lc;

	foreach(lc, statement->key_params)
		params = lappend_int(params, lfirst_node(Param, lc)->paramid);
	foreach(lc, bind->keys)
	{
		NeonBindKey *key = lfirst(lc);

		sides = lappend_int(sides, key->outer_is_left);
		operators = lappend_oid(operators, key->operator);
		collations = lappend_oid(collations, key->collation);
		arrays = lappend_oid(arrays, key->array_type);
	}
	private = lappend(private, params);
	private = lappend(private, sides);
	private = lappend(private, operators);
	private = lappend(private, collations);
	return lappend(private, arrays);
}

static List *
make_private(PlannerInfo *root, NeonBindPath *bind, NeonBindTuple *tuple,
			 Statement *statement)
{
	RelOptInfo *inner = bind->inner;
	List	   *private;

	private = list_make5(makeString(statement->sql.text.data),
						 tuple->columns, tuple->outer_sources,
						 tuple->inner_sources, statement->param_keys);
	private = add_key_items(private, bind, statement);
	private = lappend(private, list_make3_oid(inner->serverid, inner->userid,
											  tuple->table));
	return lappend(private, list_make4_int(bind->jointype,
										   bind->single_match,
										   bind->first_batch,
										   root->tuple_fraction <= 0));
}

/* Makes the tuple that the node's expressions refer to. */
static void
make_tuple(NeonBindTuple *tuple, PlannerInfo *root, NeonBindPath *bind,
		   JoinClauses *sorted, List *filter, Plan *outer)
{
	Path	   *path = linitial(bind->path.custom_paths);
	List	   *remote = list_concat(key_exprs(bind, false), filter);

	memset(tuple, 0, sizeof(NeonBindTuple));
	tuple->inner = bind->inner;
	tuple->table = planner_rt_fetch(bind->inner->relid, root)->relid;
	tuple->outer = path->parent->relids;
	tuple->outer_tlist = outer->targetlist;
	neon_bind_tuple_add(tuple, bind->path.path.pathtarget->exprs);
	neon_bind_tuple_add(tuple, sorted->join);
	neon_bind_tuple_add(tuple, sorted->above);
	neon_bind_tuple_add(tuple, key_exprs(bind, true));
	neon_bind_tuple_add(tuple, neon_bind_tuple_settle(tuple, remote, true));
}

/* The items of enum NeonBindExprs, in its order. */
static List *
make_exprs(NeonBindTuple *tuple, NeonBindPath *bind, Statement *statement,
		   List *filter, List *join)
{
	List	   *outer = key_exprs(bind, true);
	List	   *inner = key_exprs(bind, false);
	List	   *result;

	result = list_make5(statement->params,
						neon_bind_tuple_settle(tuple, outer, false),
						neon_bind_tuple_settle(tuple, inner, true),
						neon_bind_tuple_settle(tuple, filter, true),
						neon_bind_tuple_settle(tuple, join, false));
	return lappend(result, neon_bind_tuple_settle(tuple, tuple->computed,
												  true));
}

Plan *
neon_bind_plan(PlannerInfo *root, RelOptInfo *rel, CustomPath *best_path,
			   List *tlist, List *clauses, List *custom_plans)
{
	NeonBindPath *bind = (NeonBindPath *) best_path;
	NeonRelInfo *info = bind->inner->fdw_private;
	Path	   *outer = linitial(best_path->custom_paths);
	CustomScan *scan = makeNode(CustomScan);
	JoinClauses sorted;
	NeonBindTuple tuple;
	Statement	statement;
	List	   *filter = neon_bare_clauses(info->local_conds);
	List	   *conditions = neon_bare_clauses(info->remote_conds);

	sorted = sort_clauses(bind, rel->relids, outer->parent->relids);
	make_tuple(&tuple, root, bind, &sorted, filter, linitial(custom_plans));
	make_statement(root, &statement, bind, tuple.columns,
				   list_concat(conditions, sorted.remote));

	scan->scan.plan.targetlist = tlist;
	scan->scan.plan.qual = neon_bind_tuple_settle(&tuple, sorted.above, false);
	scan->flags = best_path->flags;
	scan->custom_plans = custom_plans;
	scan->custom_scan_tlist = neon_bind_tuple_tlist(&tuple);
	scan->custom_exprs = make_exprs(&tuple, bind, &statement, filter,
									sorted.join);
	scan->custom_private = make_private(root, bind, &tuple, &statement);
	scan->methods = &neon_bind_scan_methods;
	return &scan->scan.plan;
}
