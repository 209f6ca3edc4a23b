/*-------------------------------------------------------------------------
 *
 * deparse/param_step.c
 *		Replace the local values of an expression or query by parameters.
 *
 * Equal values share a parameter, else the remote could not see that a
 * grouping expression and an entry of the select list are the same.  A
 * statement can have tens of thousands of different values, so they are found
 * by hash.  Only in rows of VALUES each value has a parameter of its own:
 * then the text does not depend on the values, and statements that differ in
 * nothing else can be sent together.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"

#include "compat/compat.h"
#include "deparse/param_step.h"
#include "deparse/values.h"
#include "ship/collation.h"
#include "ship/local_value.h"

typedef struct ParamStep
{
	NeonRemoteSql *sql;
	NeonLocalMemo *memo;
	List	   *grouping;		/* expressions that must be printed alike
								 * wherever they stand */
	bool		conditional;	/* below a node that neon_is_conditional() */
	bool		in_values;		/* in a row of VALUES */
} ParamStep;

/* ---------- numbers ---------- */

/* A parameter that others can share. */
typedef struct NumberEntry
{
	Node	   *expr;
	int			number;
	uint32		hash;
	char		status;
} NumberEntry;

/*
 * Mixes into a hash what equal() compares of the nodes that values are made
 * of.  Equal trees must have equal hashes; all else may be left out.
 */
static bool
hash_walker(Node *node, uint32 *hash)
{
	if (node == NULL)
		return false;
	*hash = hash_combine(*hash, nodeTag(node));
	if (IsA(node, Const))
	{
		Const	   *value = (Const *) node;

		*hash = hash_combine(*hash, value->consttype);
		if (!value->constisnull)
			*hash = hash_combine(*hash, datum_image_hash(value->constvalue,
														 value->constbyval,
														 value->constlen));
	}
	else if (IsA(node, Param))
		*hash = hash_combine(*hash, ((Param *) node)->paramid);
	return expression_tree_walker(node, hash_walker, hash);
}

static uint32
hash_expr(Node *expr)
{
	uint32		hash = 0;

	(void) hash_walker(expr, &hash);
	return hash;
}

#define SH_PREFIX number
#define SH_ELEMENT_TYPE NumberEntry
#define SH_KEY_TYPE Node *
#define SH_KEY expr
#define SH_HASH_KEY(tb, key) hash_expr(key)
#define SH_EQUAL(tb, a, b) equal(a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(tb, a) (a)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* Number of the parameter for a local value, shared by equal ones. */
static int
shared_param(NeonRemoteSql *sql, Node *expr)
{
	NumberEntry *entry;
	bool		found;

	if (sql->numbers == NULL)
		sql->numbers = number_create(CurrentMemoryContext, 16, NULL);
	entry = number_insert(sql->numbers, expr, &found);
	if (!found)
	{
		entry->number = neon_sql_new_param(sql, expr);
		entry->expr = llast(sql->params);
	}
	return entry->number;
}

/* ---------- the step ---------- */

static Node *
collate(Expr *arg, Oid collation)
{
	CollateExpr *result = makeNode(CollateExpr);

	result->arg = arg;
	result->collOid = collation;
	result->location = -1;
	return (Node *) result;
}

/*
 * A literal of type unknown, which functions of "any" arguments accept.  They
 * read it as text, and as text it is sent.
 */
static Node *
as_text(Const *literal)
{
	Datum		value = 0;

	if (!literal->constisnull)
		value = CStringGetTextDatum(DatumGetCString(literal->constvalue));
	return (Node *) makeConst(TEXTOID, -1, DEFAULT_COLLATION_OID, -1, value,
							  literal->constisnull, false);
}

static Node *
make_param(ParamStep *step, Node *expr)
{
	Param	   *param = makeNode(Param);

	if (exprType(expr) == UNKNOWNOID)
		expr = as_text(castNode(Const, expr));
	param->paramkind = PARAM_EXTERN;
	param->paramid = step->in_values ?
		neon_sql_new_param(step->sql, expr) : shared_param(step->sql, expr);
	param->paramtype = exprType(expr);
	param->paramtypmod = -1;
	param->paramcollid = exprCollation(expr);
	param->location = -1;

	/* On the remote, a parameter has the collation of its type. */
	if (neon_collation_is_portable(param->paramcollid) &&
		type_is_collatable(param->paramtype) &&
		param->paramcollid != get_typcollation(param->paramtype))
		return collate((Expr *) param, param->paramcollid);
	return (Node *) param;
}

/* A column as ruleutils shall print it; ctid is numbered behind the others. */
static Node *
remote_var(NeonRemoteSql *sql, Var *var)
{
	Var		   *result = copyObject(var);

	if (var->varattno == SelfItemPointerAttributeNumber)
		result->varattno = sql->ship->columns[var->varno]->natts + 1;
	result->varno = neon_sql_alias(sql, var->varno);
	result->varnosyn = 0;
	result->varattnosyn = 0;
	return (Node *) result;
}

/*
 * ruleutils prints EXTRACT(... FROM ...) and the like, and casts to a length,
 * from Consts among the arguments.  Those are Params by now, so the function
 * is printed as a plain call, which means the same.
 */
static void
print_as_call(FuncExpr *expr)
{
	bool		is_cast = expr->funcformat == COERCE_EXPLICIT_CAST ||
		expr->funcformat == COERCE_IMPLICIT_CAST;

	if (expr->funcformat == COERCE_SQL_SYNTAX ||
		(is_cast && list_length(expr->args) > 1))
		expr->funcformat = COERCE_EXPLICIT_CALL;
}

static Node *param_step_mutator(Node *node, ParamStep *step);

/* The expressions by which the query groups its rows. */
static List *
query_grouping(Query *query)
{
	List	   *result = NIL;
	ListCell   *lc;

	if (query->groupClause == NIL && query->distinctClause == NIL)
		return NIL;
	foreach(lc, query->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		if (tle->ressortgroupref > 0)
			result = lappend(result, tle->expr);
	}
	return result;
}

/* A query inside the tree (or the tree itself). */
static Node *
query_params(Query *query, NeonRemoteSql *sql)
{
	NeonLocalMemo memo = {NULL};
	ParamStep	step = {sql, &memo, query_grouping(query)};
	Query	   *result;

	sql->ship->queries = lcons(query, sql->ship->queries);
	result = query_tree_mutator(query, param_step_mutator, &step, 0);
	sql->ship->queries = list_delete_first(sql->ship->queries);
	return (Node *) result;
}

/* A function in FROM stays a function, its arguments are values. */
static Node *
function_params(RangeTblFunction *function, ParamStep *step)
{
	RangeTblFunction *result = copyObject(function);
	FuncExpr   *expr = castNode(FuncExpr, result->funcexpr);

	expr->args = (List *) param_step_mutator((Node *) expr->args, step);
	return (Node *) result;
}

/* The cast of the elements is not printed, so no parameter is taken of it. */
static Node *
array_cast_params(ArrayCoerceExpr *expr, ParamStep *step)
{
	ArrayCoerceExpr *result = copyObject(expr);

	result->arg = (Expr *) param_step_mutator((Node *) expr->arg, step);
	return (Node *) result;
}

/* The argument of a RelabelType that leaves the type as it is. */
static Expr *
without_cast(RelabelType *relabel)
{
	return exprType((Node *) relabel->arg) == relabel->resulttype ?
		relabel->arg : (Expr *) relabel;
}

static Node *
param_step_mutator(Node *node, ParamStep *step)
{
	ParamStep	below = *step;
	NeonShipContext *ship = step->sql->ship;
	Node	   *result;

	if (node == NULL)
		return NULL;
	if (IsA(node, Query))
		return query_params((Query *) node, step->sql);
	if (IsA(node, RangeTblFunction))
		return function_params((RangeTblFunction *) node, step);
	if (below.conditional && list_member(step->grouping, node))
		below.conditional = false;
	if (neon_is_local_part(ship, step->memo, node, below.conditional))
		return make_param(&below, node);
	if (IsA(node, Var) &&
		((Var *) node)->varlevelsup == list_length(ship->queries))
		return remote_var(step->sql, (Var *) node);
	if (IsA(node, ArrayCoerceExpr))
		return array_cast_params((ArrayCoerceExpr *) node, step);

	/* only the rows of VALUES are a list of lists */
	if (IsA(node, List) && IsA(linitial((List *) node), List))
	{
		result = (Node *) neon_values_as_arrays(step->sql, step->memo,
												(List *) node,
												step->conditional);
		if (result != NULL)
			return result;
		below.in_values = true;
	}
	if (neon_is_conditional(node))
		below.conditional = true;
	result = expression_tree_mutator(node, param_step_mutator, &below);
	if (IsA(result, FuncExpr))
		print_as_call((FuncExpr *) result);
	else if (IsA(result, RelabelType))
		((RelabelType *) result)->resulttypmod = -1;	/* changes nothing */
	if (neon_relabels_collation(node))
		return collate(without_cast((RelabelType *) result),
					   exprCollation(node));
	return result;
}

Node *
neon_sql_take_params(NeonRemoteSql *sql, Node *tree)
{
	NeonLocalMemo memo = {NULL};
	ParamStep	step = {sql, &memo, sql->grouping};

	return param_step_mutator(tree, &step);
}
