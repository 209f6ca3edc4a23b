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
#include "common/hashfn.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"

#include "ship/local_value.h"

typedef struct RemoteNode
{
	Node	   *node;
	char		status;
} RemoteNode;

#define SH_PREFIX remote_nodes
#define SH_ELEMENT_TYPE RemoteNode
#define SH_KEY_TYPE Node *
#define SH_KEY node
#define SH_HASH_KEY(tb, key) murmurhash32((uint32) ((uintptr_t) (key) >> 3))
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/*
 * A node goes into the memo if its remote part is that many levels below it.
 * To walk fewer levels once more is cheaper than to remember.
 */
#define MEMO_LEVELS		16

typedef struct RemotePartWalk
{
	NeonShipContext *ship;
	bool		in_case;		/* below the node whose value a CaseTestExpr
								 * stands for */
	int			level;
	int		   *found_level;	/* of the remote part that was found */
	NeonLocalMemo *memo;
} RemotePartWalk;

/* True if the remote alone can compute the node, whatever is below it. */
static bool
is_remote_part(Node *node, RemotePartWalk *walk)
{
	switch (nodeTag(node))
	{
		case T_Var:
			return walk->ship->queries != NIL ||
				((Var *) node)->varlevelsup > 0 ||
				bms_is_member(((Var *) node)->varno, walk->ship->relids);
		case T_PlaceHolderVar:
			return bms_overlap(((PlaceHolderVar *) node)->phrels,
							   walk->ship->relids);
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
			return false;
	}
}

static bool
is_remembered(NeonLocalMemo *memo, Node *node)
{
	return memo != NULL && memo->nodes != NULL &&
		remote_nodes_lookup(memo->nodes, node) != NULL;
}

static void
remember(NeonLocalMemo *memo, Node *node)
{
	bool		found;

	if (memo->nodes == NULL)
		memo->nodes = remote_nodes_create(CurrentMemoryContext, 64, NULL);
	(void) remote_nodes_insert(memo->nodes, node, &found);
}

/* True if the tree contains something that only the remote can compute. */
static bool
remote_part_walker(Node *node, RemotePartWalk *walk)
{
	RemotePartWalk below = *walk;

	if (node == NULL)
		return false;
	if (is_remote_part(node, walk) || is_remembered(walk->memo, node))
	{
		*walk->found_level = walk->level;
		return true;
	}
	below.level++;
	if (IsA(node, CaseExpr) || IsA(node, ArrayCoerceExpr))
		below.in_case = true;
	if (!expression_tree_walker(node, remote_part_walker, &below))
		return false;
	if (walk->memo != NULL &&
		*walk->found_level - walk->level >= MEMO_LEVELS)
		remember(walk->memo, node);
	return true;
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
	return neon_is_local_part(ship, NULL, node, conditional);
}

bool
neon_is_local_part(NeonShipContext *ship, NeonLocalMemo *memo, Node *node,
				   bool conditional)
{
	int			found_level = 0;
	RemotePartWalk walk = {ship, false, 0, &found_level, memo};

	if (node == NULL || is_valueless(node) || remote_part_walker(node, &walk))
		return false;
	if (!neon_remote_type_known(ship->extensions, ship->types,
								exprType(node)) &&
		!(IsA(node, Const) &&
		  (((Const *) node)->consttype == UNKNOWNOID ||
		   neon_remote_reference_same((Const *) node))))
		return false;
	if ((contain_volatile_functions(node) && !ship->once) ||
		expression_returns_set(node))
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
