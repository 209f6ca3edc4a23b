/*-------------------------------------------------------------------------
 *
 * bind_join/tuple.c
 *		Where the columns of a bind join's tuples come from.
 *
 * Most are columns of the outer plan or of the remote statement.  The others
 * are computed when a remote row arrives: whole rows, tableoid, and
 * expressions of a subquery or view below an outer join (PlaceHolderVars).
 * For an outer row without a match these are null, whatever their expression
 * would give.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "utils/rel.h"

#include "bind_join/tuple.h"
#include "compat/compat.h"

static Node *written_out_mutator(Node *node, NeonBindTuple *tuple);

/*
 * Are they the same column or PlaceHolderVar?  Marks of outer joins that may
 * have set it to null are not compared: within one join these are the same.
 */
static bool
same_value(Node *a, Node *b)
{
	if (IsA(a, Var) && IsA(b, Var))
		return ((Var *) a)->varno == ((Var *) b)->varno &&
			((Var *) a)->varattno == ((Var *) b)->varattno;
	if (IsA(a, PlaceHolderVar) && IsA(b, PlaceHolderVar))
		return ((PlaceHolderVar *) a)->phid == ((PlaceHolderVar *) b)->phid;
	return false;
}

static Node *
find_value(List *exprs, Node *node)
{
	ListCell   *lc;

	foreach(lc, exprs)
	{
		if (same_value(lfirst(lc), node))
			return lfirst(lc);
	}
	return NULL;
}

static bool
is_local_node(Node *node)
{
	if (IsA(node, Var))
		return ((Var *) node)->varlevelsup == 0;
	return IsA(node, PlaceHolderVar) &&
		((PlaceHolderVar *) node)->phlevelsup == 0;
}

/* A whole row as an expression of its columns. */
static Node *
whole_row(NeonBindTuple *tuple, Index varno)
{
	Relation	relation = table_open(tuple->table, NoLock);
	TupleDesc	desc = RelationGetDescr(relation);
	RowExpr    *row = makeNode(RowExpr);
	int			i;

	for (i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attr = TupleDescAttr(desc, i);
		Node	   *field;

		if (attr->attisdropped)
			field = (Node *) makeNullConst(INT4OID, -1, InvalidOid);
		else
			field = (Node *) makeVar(varno, i + 1, attr->atttypid,
									 attr->atttypmod, attr->attcollation, 0);
		row->args = lappend(row->args, field);
		row->colnames = lappend(row->colnames,
								makeString(pstrdup(NameStr(attr->attname))));
	}
	row->row_typeid = RelationGetForm(relation)->reltype;
	row->row_format = COERCE_IMPLICIT_CAST;
	row->location = -1;
	table_close(relation, NoLock);
	return (Node *) row;
}

/* How a value is computed from remote columns; NULL if it is such a column. */
static Node *
computation(NeonBindTuple *tuple, Node *node)
{
	Var		   *var = (Var *) node;

	if (IsA(node, PlaceHolderVar))
		return written_out_mutator((Node *) ((PlaceHolderVar *) node)->phexpr,
								   tuple);
	if (var->varattno == 0)
		return whole_row(tuple, var->varno);
	if (var->varattno == TableOidAttributeNumber)
		return (Node *) makeConst(OIDOID, -1, InvalidOid, sizeof(Oid),
								  ObjectIdGetDatum(tuple->table), false, true);
	return NULL;
}

/*
 * An expression in terms of remote columns alone, as it is evaluated where
 * nothing of a remote row has been computed yet.
 */
static Node *
written_out_mutator(Node *node, NeonBindTuple *tuple)
{
	Node	   *computed = NULL;

	if (node == NULL)
		return NULL;
	if (is_local_node(node) &&
		(IsA(node, PlaceHolderVar) ||
		 ((Var *) node)->varno == tuple->inner->relid))
		computed = computation(tuple, node);
	if (computed != NULL)
		return computed;
	return expression_tree_mutator(node, written_out_mutator, tuple);
}

/* Number of a remote column in the statement's result, from 1. */
static int
column_number(NeonBindTuple *tuple, AttrNumber attnum)
{
	int			n = 0;
	ListCell   *lc;

	foreach(lc, tuple->columns)
	{
		n++;
		if (lfirst_int(lc) == attnum)
			return n;
	}
	tuple->columns = lappend_int(tuple->columns, attnum);
	return n + 1;
}

static void
add_inner(NeonBindTuple *tuple, Node *node)
{
	Node	   *computed;

	if (find_value(tuple->inner_exprs, node) != NULL)
		return;
	computed = computation(tuple, node);
	tuple->inner_exprs = lappend(tuple->inner_exprs, copyObject(node));
	tuple->inner_sources =
		lappend_int(tuple->inner_sources, computed != NULL ? 0 :
					column_number(tuple, ((Var *) node)->varattno));
	if (computed != NULL)
		tuple->computed = lappend(tuple->computed, computed);
}

/*
 * Adds a value that comes from the outer plan.  Returns false if that plan
 * does not return the value.
 */
static bool
add_outer(NeonBindTuple *tuple, Node *node)
{
	ListCell   *lc;

	if (find_value(tuple->outer_exprs, node) != NULL)
		return true;
	foreach(lc, tuple->outer_tlist)
	{
		TargetEntry *entry = lfirst_node(TargetEntry, lc);

		if (!same_value((Node *) entry->expr, node))
			continue;
		tuple->outer_exprs = lappend(tuple->outer_exprs, copyObject(node));
		tuple->outer_sources = lappend_int(tuple->outer_sources,
										   entry->resno);
		return true;
	}
	return false;
}

static bool
add_walker(Node *node, NeonBindTuple *tuple)
{
	if (node == NULL)
		return false;
	if (IsA(node, Var) && is_local_node(node))
	{
		Var		   *var = (Var *) node;

		if (var->varno == tuple->inner->relid)
			add_inner(tuple, node);
		else if (bms_is_member(var->varno, tuple->outer) &&
				 !add_outer(tuple, node))
			elog(ERROR, "column %d of relation %d not found in outer plan",
				 var->varattno, var->varno);
		/* A column of any other relation is a parameter of the path. */
		return false;
	}
	if (IsA(node, PlaceHolderVar) && is_local_node(node))
	{
		if (add_outer(tuple, node))
			return false;
		if (find_value(tuple->inner->reltarget->exprs, node) != NULL)
		{
			add_inner(tuple, node);
			return false;
		}
		/* Else it is computed here, from the joined row. */
	}
	return expression_tree_walker(node, add_walker, tuple);
}

void
neon_bind_tuple_add(NeonBindTuple *tuple, List *exprs)
{
	int			ndone = list_length(tuple->computed);

	(void) add_walker((Node *) exprs, tuple);

	/*
	 * What is computed of a remote row refers to columns below the join, so
	 * without marks.  It must not be their first use if they are returned.
	 */
	while (ndone < list_length(tuple->computed))
		(void) add_walker(list_nth(tuple->computed, ndone++), tuple);
}

static Node *
settle_mutator(Node *node, NeonBindTuple *tuple)
{
	if (node == NULL)
		return NULL;
	if (is_local_node(node))
	{
		Node	   *expr = find_value(tuple->outer_exprs, node);

		if (expr == NULL)
			expr = find_value(tuple->inner_exprs, node);
		if (expr != NULL)
			return copyObject(expr);
	}
	return expression_tree_mutator(node, settle_mutator, tuple);
}

List *
neon_bind_tuple_settle(NeonBindTuple *tuple, List *exprs, bool remote)
{
	Node	   *tree = (Node *) exprs;

	if (remote)
		tree = written_out_mutator(tree, tuple);
	return (List *) settle_mutator(tree, tuple);
}

List *
neon_bind_tuple_tlist(NeonBindTuple *tuple)
{
	List	   *tlist = NIL;
	ListCell   *lc;

	foreach(lc, tuple->outer_exprs)
		tlist = lappend(tlist, makeTargetEntry(lfirst(lc),
											   list_length(tlist) + 1,
											   NULL, false));
	foreach(lc, tuple->inner_exprs)
		tlist = lappend(tlist, makeTargetEntry(lfirst(lc),
											   list_length(tlist) + 1,
											   NULL, false));
	return tlist;
}
