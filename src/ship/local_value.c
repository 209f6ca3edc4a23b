/*-------------------------------------------------------------------------
 *
 * ship/local_value.c
 *		Which parts of an expression are values of the local session?
 *
 * Literals, parameters, columns of other relations, now(), and functions of
 * these: each has one value by the time the remote statement starts.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"

#include "ship/local_value.h"

typedef struct RemotePartWalk
{
	NeonShipContext *ship;
	bool		in_case;		/* below the node whose value a CaseTestExpr
								 * stands for */
} RemotePartWalk;

/* True if the tree contains something that only the remote can compute. */
static bool
remote_part_walker(Node *node, RemotePartWalk *walk)
{
	RemotePartWalk below = *walk;

	if (node == NULL)
		return false;

	switch (nodeTag(node))
	{
		case T_Var:
			return walk->ship->queries != NIL ||
				((Var *) node)->varlevelsup > 0 ||
				bms_is_member(((Var *) node)->varno, walk->ship->relids);
		case T_PlaceHolderVar:
			if (bms_overlap(((PlaceHolderVar *) node)->phrels,
							walk->ship->relids))
				return true;
			break;
		case T_CaseExpr:
		case T_ArrayCoerceExpr:
			below.in_case = true;
			break;
		case T_CaseTestExpr:
			return !walk->in_case;
		case T_Param:
			return ((Param *) node)->paramkind != PARAM_EXTERN &&
				((Param *) node)->paramkind != PARAM_EXEC;
		case T_Aggref:
		case T_GroupingFunc:
		case T_WindowFunc:
		case T_SubLink:
		case T_SubPlan:
		case T_AlternativeSubPlan:
		case T_CoerceToDomainValue:
		case T_SetToDefault:
		case T_CurrentOfExpr:
		case T_NextValueExpr:
			return true;
		default:
			break;
	}
	return expression_tree_walker(node, remote_part_walker, &below);
}

/* True if the tree contains something that is known only at execution. */
static bool
input_walker(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Param) || IsA(node, Var))
		return true;
	return expression_tree_walker(node, input_walker, context);
}

/* A value that exists already: nothing is computed, so nothing can fail. */
static bool
is_leaf(Node *node)
{
	while (IsA(node, RelabelType))
		node = (Node *) ((RelabelType *) node)->arg;
	return IsA(node, Const) || IsA(node, Param) || IsA(node, Var);
}

/* Nodes of a query that are no expressions. */
static bool
is_valueless(Node *node)
{
	switch (nodeTag(node))
	{
		case T_List:
		case T_CaseWhen:
		case T_TargetEntry:
		case T_NamedArgExpr:
		case T_RestrictInfo:
		case T_SortGroupClause:
		case T_FromExpr:
		case T_JoinExpr:
		case T_RangeTblRef:
		case T_SetOperationStmt:
		case T_CommonTableExpr:
			return true;
		default:
			return false;
	}
}

bool
neon_is_local_value(NeonShipContext *ship, Node *node, bool conditional)
{
	RemotePartWalk walk = {ship, false};

	if (node == NULL || is_valueless(node) || remote_part_walker(node, &walk))
		return false;
	if (!neon_remote_type_known(ship->extensions, ship->types,
								exprType(node)) &&
		!(IsA(node, Const) &&
		  (((Const *) node)->consttype == UNKNOWNOID ||
		   neon_remote_reference_same((Const *) node))))
		return false;
	if (contain_volatile_functions(node) || expression_returns_set(node))
		return false;
	return !conditional || is_leaf(node) || !input_walker(node, NULL);
}

/*
 * SQL does not promise that OR stops at the first true argument, but many
 * statements rely on it, as in "$1 = 0 OR a / $1 > 2".
 */
bool
neon_is_conditional(Node *node)
{
	return IsA(node, CaseExpr) || IsA(node, CoalesceExpr) ||
		(IsA(node, BoolExpr) && ((BoolExpr *) node)->boolop == OR_EXPR);
}
