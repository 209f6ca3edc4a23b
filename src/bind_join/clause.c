/*-------------------------------------------------------------------------
 *
 * bind_join/clause.c
 *		From the clauses of a join to the keys by which rows are asked for.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/restrictinfo.h"
#include "utils/lsyscache.h"

#include "bind_join/clause.h"
#include "compat/compat.h"
#include "plan/condition.h"
#include "ship/local_value.h"

Expr *
neon_bind_key_condition(NeonBindKey *key, Expr *array)
{
	ScalarArrayOpExpr *any;
	Oid			operator = key->outer_is_left ?
		get_commutator(key->operator) : key->operator;

	if (exprType((Node *) array) != key->array_type)
		return make_opclause(operator, BOOLOID, false, key->inner, array,
							 InvalidOid, key->collation);

	any = makeNode(ScalarArrayOpExpr);
	any->opno = operator;
	any->opfuncid = get_opcode(operator);
	any->useOr = true;
	any->inputcollid = key->collation;
	any->args = list_make2(key->inner, array);
	any->location = -1;
	return (Expr *) any;
}

/* May the condition on this key be checked remotely? */
static bool
is_shippable_key(NeonRelInfo *info, NeonBindKey *key)
{
	Param	   *array;

	if (!neon_is_local_value(&info->ship, (Node *) key->outer, false) ||
		!neon_is_shippable(&info->ship, key->rinfo->clause))
		return false;

	/* Any value of the array's type will do to judge the condition. */
	array = makeNode(Param);
	array->paramkind = PARAM_EXEC;
	array->paramtype = key->array_type;
	array->paramtypmod = -1;
	array->paramcollid = exprCollation((Node *) key->outer);
	array->location = -1;
	return neon_is_shippable(&info->ship,
							 neon_bind_key_condition(key, (Expr *) array));
}

/*
 * Is there a hash function for values of either side, and an equality between
 * values of one side that agrees with it?
 */
static bool
has_hash_functions(Oid operator)
{
	RegProcedure left_hash;
	RegProcedure right_hash;
	Oid			left_equal;
	Oid			right_equal;

	return get_op_hash_functions(operator, &left_hash, &right_hash) &&
		get_compatible_hash_operators(operator, &left_equal, &right_equal);
}

/* The key that a join clause gives, or NULL if it does not give one. */
static NeonBindKey *
clause_key(RelOptInfo *outer, RelOptInfo *inner, RestrictInfo *rinfo)
{
	OpExpr	   *op = (OpExpr *) rinfo->clause;
	NeonBindKey *key;
	bool		outer_is_left;

	if (!rinfo->can_join || !OidIsValid(rinfo->hashjoinoperator) ||
		!op_strict(rinfo->hashjoinoperator) ||
		!restriction_is_securely_promotable(rinfo, inner))
		return NULL;
	if (bms_is_subset(rinfo->left_relids, outer->relids) &&
		bms_is_subset(rinfo->right_relids, inner->relids))
		outer_is_left = true;
	else if (bms_is_subset(rinfo->left_relids, inner->relids) &&
			 bms_is_subset(rinfo->right_relids, outer->relids))
		outer_is_left = false;
	else
		return NULL;

	key = palloc0(sizeof(NeonBindKey));
	key->rinfo = rinfo;
	key->outer_is_left = outer_is_left;
	key->outer = outer_is_left ? linitial(op->args) : lsecond(op->args);
	key->inner = outer_is_left ? lsecond(op->args) : linitial(op->args);
	key->operator = rinfo->hashjoinoperator;
	key->collation = op->inputcollid;
	key->array_type = get_array_type(exprType((Node *) key->outer));
	if (!OidIsValid(key->array_type) ||
		!has_hash_functions(key->operator) ||
		(outer_is_left && !OidIsValid(get_commutator(key->operator))) ||
		!is_shippable_key(inner->fdw_private, key))
		return NULL;
	return key;
}

/* True if the keys with the remote conditions find one row at most. */
static bool
is_lookup(RelOptInfo *inner, List *keys)
{
	NeonRelInfo *info = inner->fdw_private;
	List	   *clauses = list_copy(info->remote_conds);
	ListCell   *lc;

	foreach(lc, keys)
		clauses = lappend(clauses, ((NeonBindKey *) lfirst(lc))->rinfo);
	return keys != NIL && neon_is_key_lookup(inner, clauses);
}

/*
 * If the keys together find at most one row, leaves out those that are not
 * needed for that.  Their equalities are checked here, which costs less than
 * sending their values.
 */
static List *
needed_keys(RelOptInfo *inner, List *keys)
{
	List	   *needed = keys;
	ListCell   *lc;

	if (!is_lookup(inner, keys))
		return keys;
	foreach(lc, keys)
	{
		List	   *others = list_delete_ptr(list_copy(needed), lfirst(lc));

		if (is_lookup(inner, others))
			needed = others;
	}
	return needed;
}

List *
neon_bind_join_keys(RelOptInfo *joinrel, RelOptInfo *outer,
					RelOptInfo *inner, JoinType jointype, List *clauses)
{
	List	   *keys = NIL;
	ListCell   *lc;

	foreach(lc, clauses)
	{
		RestrictInfo *rinfo = lfirst_node(RestrictInfo, lc);
		NeonBindKey *key;

		/*
		 * PostgreSQL checks conditions without columns in a gating Result
		 * node, which it does not make above a custom scan.
		 */
		if (rinfo->pseudoconstant)
			return NIL;

		/* A condition from above an outer join does not say what matches. */
		if (IS_OUTER_JOIN(jointype) &&
			RINFO_IS_PUSHED_DOWN(rinfo, joinrel->relids))
			continue;
		key = clause_key(outer, inner, rinfo);
		if (key != NULL)
			keys = lappend(keys, key);
	}
	return needed_keys(inner, keys);
}
