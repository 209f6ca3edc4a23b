/*-------------------------------------------------------------------------
 *
 * ship/expression.c
 *		May this expression run on the remote?
 *
 * The rule is "same result here and there, or it stays here": immutable
 * built-in functions and operators, those of the extensions that the server
 * option lists, types that both sides know, and collations that come from a
 * remote column.  Everything that ruleutils prints and that depends on
 * nothing else of the local session is allowed; whatever depends on the
 * session is computed here and travels as a parameter.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#include "compat/compat.h"
#include "ship/collation.h"
#include "ship/expression.h"
#include "ship/local_value.h"
#include "ship/portable.h"
#include "ship/portable_text.h"
#include "ship/row.h"

typedef struct ShipWalk
{
	NeonShipContext *ship;
	NeonLocalMemo *memo;
	CollateInfo collate;		/* merged from the nodes walked so far */
	CollateInfo case_arg;		/* of the argument of the CASE around us */
	bool		in_case_arg;	/* a CaseTestExpr may stand here */
	bool		conditional;	/* below a node that neon_is_conditional() */
	bool		row_arg;		/* the node is an argument that may be a row
								 * of a table */
} ShipWalk;

static bool unshippable_walker(Node *node, ShipWalk *walk);

static bool
is_known(NeonShipContext *ship, Oid classid, Oid objid)
{
	return neon_is_known(ship->extensions, classid, objid);
}

static bool
is_known_type(NeonShipContext *ship, Oid type)
{
	return neon_remote_type_known(ship->extensions, ship->types, type);
}

/*
 * A dropped column has no name; an ambiguous one shares it with another, or has
 * another type on the remote.
 */
static bool
has_own_name(NeonRemoteColumns *columns, AttrNumber attno)
{
	return columns != NULL && attno <= columns->natts &&
		columns->names[attno - 1] != NULL && !columns->ambiguous[attno - 1];
}

/* A column of one of the queries around the expression. */
static bool
is_shippable_query_var(NeonShipContext *ship, Var *var)
{
	Query	   *query;
	RangeTblEntry *rte;
	NeonQueryTable *table;

	if (var->varlevelsup >= list_length(ship->queries) || var->varattno < 0)
		return false;
	if (var->varattno == 0)
		return neon_is_whole_row_shippable(ship, var);
	query = list_nth(ship->queries, var->varlevelsup);
	rte = rt_fetch(var->varno, query->rtable);
	if (rte->rtekind != RTE_RELATION)
		return true;
	table = neon_find_table(ship, rte->relid);
	return table != NULL && has_own_name(table->columns, var->varattno);
}

static bool
is_shippable_var(NeonShipContext *ship, Var *var)
{
	if (ship->queries != NIL)
		return is_shippable_query_var(ship, var);
	if (var->varlevelsup > 0 || !bms_is_member(var->varno, ship->relids))
		return false;
	/* The local tableoid and transaction numbers mean nothing there. */
	if (var->varattno == SelfItemPointerAttributeNumber)
		return true;
	return var->varattno > 0 &&
		has_own_name(ship->columns[var->varno], var->varattno);
}

/*
 * ruleutils prints a CASE with an argument only while each WHEN is still the
 * comparison that the parser made of it.  It does not print the comparison's
 * operator: the remote must find the same one.
 */
static bool
is_printable_case(CaseExpr *expr)
{
	ListCell   *lc;

	if (expr->arg == NULL)
		return true;
	foreach(lc, expr->args)
	{
		OpExpr	   *when = (OpExpr *) lfirst_node(CaseWhen, lc)->expr;

		if (!IsA(when, OpExpr) || list_length(when->args) != 2 ||
			!neon_is_builtin(when->opno) ||
			!IsA(strip_implicit_coercions(linitial(when->args)), CaseTestExpr))
			return false;
	}
	return true;
}

/*
 * A cast is printed with the local name of its type, which must be that on
 * the remote, too.  So are implicit casts, wherever they are not the
 * outermost node.
 */
static bool
is_printable_cast(NeonShipContext *ship, Node *node)
{
	return neon_remote_type_same(ship->extensions, exprType(node));
}

/* Node kinds that may run remotely only as parts of a whole query. */
static bool
is_shippable_query_kind(NeonShipContext *ship, Node *node)
{
	switch (nodeTag(node))
	{
		case T_GroupingFunc:
		case T_WindowFunc:
		case T_SubLink:
			return true;
		case T_Param:
			return ((Param *) node)->paramkind == PARAM_SUBLINK;
		default:
			return false;
	}
}

/* May a node of this kind run remotely, whatever its arguments are? */
static bool
is_shippable_kind(NeonShipContext *ship, Node *node)
{
	switch (nodeTag(node))
	{
		case T_Var:
			return is_shippable_var(ship, (Var *) node);
		case T_OpExpr:
			return is_known(ship, OperatorRelationId, ((OpExpr *) node)->opno);
		case T_DistinctExpr:
		case T_NullIfExpr:
			/* ruleutils prints both without their operator's schema */
			return neon_is_builtin(((OpExpr *) node)->opno);
		case T_ScalarArrayOpExpr:
			return is_known(ship, OperatorRelationId,
							((ScalarArrayOpExpr *) node)->opno);
		case T_SubscriptingRef:
			return ((SubscriptingRef *) node)->refassgnexpr == NULL;
		case T_CoerceViaIO:
			return is_printable_cast(ship, node);
		case T_RelabelType:
			return is_printable_cast(ship, node) &&
				(!neon_relabels_collation(node) ||
				 neon_collation_is_portable(exprCollation(node)));
		case T_ArrayCoerceExpr:
			/* ruleutils prints a length as a literal */
			return ((ArrayCoerceExpr *) node)->resulttypmod < 0 &&
				is_printable_cast(ship, node);
		case T_CaseExpr:
			return is_printable_case((CaseExpr *) node);
		case T_Aggref:
			return ship->queries != NIL ||
				(ship->aggregates &&
				 ((Aggref *) node)->aggsplit == AGGSPLIT_SIMPLE);
		case T_CollateExpr:
			return neon_collation_is_portable(((CollateExpr *) node)->collOid);
		case T_MinMaxExpr:
			return neon_is_builtin(((MinMaxExpr *) node)->minmaxtype);
		case T_FieldSelect:
			return exprType((Node *) ((FieldSelect *) node)->arg) != RECORDOID;
		case T_FuncExpr:
			return !((FuncExpr *) node)->funcretset || ship->queries != NIL;
		case T_RowExpr:
			return neon_has_default_names((RowExpr *) node);
		case T_CaseTestExpr:
		case T_NamedArgExpr:
		case T_BoolExpr:
		case T_NullTest:
		case T_BooleanTest:
		case T_ArrayExpr:
		case T_RowCompareExpr:
		case T_CoalesceExpr:
			return true;
		default:
			return ship->queries != NIL && is_shippable_query_kind(ship, node);
	}
}

/* True for calls (and IS NULL) that take the row of any table. */
static bool
takes_any_row(Node *node)
{
	switch (nodeTag(node))
	{
		case T_FuncExpr:
			return neon_is_printer(((FuncExpr *) node)->funcid);
		case T_Aggref:
			return neon_is_printer(((Aggref *) node)->aggfnoid) ||
				((Aggref *) node)->aggfnoid == F_COUNT_ANY;
		case T_WindowFunc:
			return neon_is_printer(((WindowFunc *) node)->winfnoid) ||
				((WindowFunc *) node)->winfnoid == F_COUNT_ANY;
		default:
			return IsA(node, NullTest);
	}
}

/* Types that a shippable node may have.  Rows occur only as arguments. */
static bool
is_shippable_type(ShipWalk *walk, Node *node)
{
	NeonShipContext *ship = walk->ship;
	Oid			type = exprType(node);
	bool		whole_row = IsA(node, Var) && ((Var *) node)->varattno == 0;

	/* ROW(...)::type would be printed with the local name of the type. */
	if (type == RECORDOID)
		return IsA(node, RowExpr) || IsA(node, SubLink) || whole_row;
	if (IsA(node, RowExpr))
		return false;
	/* The type of a table's row exists here alone. */
	if (whole_row)
		return walk->row_arg;
	/* A column of a domain reads as its base type does. */
	return is_known_type(ship, type) ||
		(IsA(node, Var) && is_known_type(ship, getBaseType(type)));
}

/*
 * ROW(...) < ROW(...) compares by one operator for each column; ruleutils
 * prints the name of the first one, without its schema.
 */
static bool
is_shippable_row_compare(NeonShipContext *ship, RowCompareExpr *expr)
{
	ListCell   *lc;

	foreach(lc, expr->opnos)
	{
		if (!neon_is_builtin(lfirst_oid(lc)))
			return false;
	}
	return true;
}

/* The arguments' collation must be the one that the node works under. */
static bool
input_collation_fits(Node *node, CollateInfo args)
{
	Oid			collation = exprInputCollation(node);

	/*
	 * No argument brings a collation: both servers compare under the default
	 * of their database.  The two defaults are assumed to be the same, as
	 * they are for every column that is declared without a collation.
	 */
	if (args.state == COLLATE_NONE && collation == DEFAULT_COLLATION_OID)
		return true;

	if (IsA(node, RowCompareExpr))
	{
		ListCell   *lc;

		foreach(lc, ((RowCompareExpr *) node)->inputcollids)
		{
			if (OidIsValid(lfirst_oid(lc)) &&
				(args.state != COLLATE_SAFE ||
				 args.collation != lfirst_oid(lc)))
				return false;
		}
		return true;
	}
	return !OidIsValid(collation) ||
		(args.state == COLLATE_SAFE && args.collation == collation);
}

/* Walks the arguments of one node; true if one of them must stay here. */
static bool
unshippable_args(Node *node, ShipWalk *args)
{
	CaseExpr   *expr = (CaseExpr *) node;
	ShipWalk	arg;

	if (neon_is_conditional(node))
		args->conditional = true;
	if (IsA(node, ArrayCoerceExpr))
		args->in_case_arg = true;	/* it stands for an element of the array */
	if (!IsA(node, CaseExpr) || expr->arg == NULL)
		return expression_tree_walker(node, unshippable_walker, args);

	/* A CaseTestExpr below stands for the CASE's argument. */
	arg = *args;
	if (unshippable_walker((Node *) expr->arg, &arg))
		return true;
	args->case_arg = arg.collate;
	args->in_case_arg = true;
	return unshippable_walker((Node *) expr->args, args) ||
		unshippable_walker((Node *) expr->defresult, args);
}

/* What a shippable node brings to the collation of the node above it. */
static CollateInfo
node_collation(Node *node, ShipWalk *args)
{
	CollateInfo result = {COLLATE_SAFE, InvalidOid};

	result.collation = exprCollation(node);
	if (IsA(node, Var) || IsA(node, CollateExpr) || IsA(node, SubLink) ||
		IsA(node, Param) || neon_relabels_collation(node))
	{
		if (!OidIsValid(result.collation))
			result.state = COLLATE_NONE;
		return result;
	}
	if (IsA(node, CaseTestExpr))
		return neon_collation_result(args->case_arg, result.collation);
	return neon_collation_result(args->collate, result.collation);
}

/*
 * True if the tree must stay here.  The collations of the nodes on this level
 * are merged into walk->collate.
 */
static bool
unshippable_walker(Node *node, ShipWalk *walk)
{
	ShipWalk	args = *walk;

	if (node == NULL)
		return false;
	if (IsA(node, List))
		return expression_tree_walker(node, unshippable_walker, walk);
	if (IsA(node, TargetEntry))
		return unshippable_walker((Node *) ((TargetEntry *) node)->expr, walk);
	if (IsA(node, SortGroupClause))
		return !neon_is_sort_shippable(walk->ship, (SortGroupClause *) node);
	if (IsA(node, Query))
		return walk->ship->queries == NIL ||
			!walk->ship->is_query_shippable(walk->ship, (Query *) node);
	if (IsA(node, CaseWhen))
		return unshippable_walker((Node *) ((CaseWhen *) node)->expr, walk) ||
			unshippable_walker((Node *) ((CaseWhen *) node)->result, walk);

	if (neon_is_local_part(walk->ship, walk->memo, node, walk->conditional))
	{
		neon_collation_merge(&walk->collate,
							 neon_collation_local(exprCollation(node)));
		return false;
	}
	if (!is_shippable_kind(walk->ship, node) ||
		!is_shippable_type(walk, node) ||
		(IsA(node, CaseTestExpr) && !walk->in_case_arg) ||
		(IsA(node, RowCompareExpr) &&
		 !is_shippable_row_compare(walk->ship, (RowCompareExpr *) node)) ||
		!neon_calls_are_portable(walk->ship, node))
		return true;

	args.collate.state = COLLATE_NONE;
	args.collate.collation = InvalidOid;
	args.row_arg = takes_any_row(node);
	if (unshippable_args(node, &args) ||
		!input_collation_fits(node, args.collate))
		return true;

	neon_collation_merge(&walk->collate, node_collation(node, &args));
	return false;
}

/* An operator that both sides know orders and groups alike on both. */
bool
neon_is_sort_shippable(NeonShipContext *ship, SortGroupClause *clause)
{
	return (!OidIsValid(clause->eqop) ||
			is_known(ship, OperatorRelationId, clause->eqop)) &&
		(!OidIsValid(clause->sortop) ||
		 (is_known(ship, OperatorRelationId, clause->sortop) &&
		  !neon_remote_order_differs(ship->types,
									 get_opcode(clause->sortop))));
}

bool
neon_is_shippable(NeonShipContext *ship, Expr *expr)
{
	NeonLocalMemo memo = {NULL};
	ShipWalk	walk = {0};

	walk.ship = ship;
	walk.memo = &memo;
	if (unshippable_walker((Node *) expr, &walk))
		return false;

	/* A local collation of the result could matter to whatever reads it. */
	return walk.collate.state != COLLATE_UNSAFE;
}
