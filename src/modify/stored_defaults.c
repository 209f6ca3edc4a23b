/*-------------------------------------------------------------------------
 *
 * modify/stored_defaults.c
 *		DEFAULT in statements that are stored: rules, bodies of functions.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_class.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_rewrite.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "modify/defaults.h"
#include "modify/stored_defaults.h"
#include "ship/default_value.h"

/* Columns that a statement sets to something that a function looks for. */
typedef struct Columns
{
	bool		(*is_one) (Node *);
	List	   *names;			/* of those that are updated, as Strings */
	Bitmapset  *values;			/* numbers of columns of VALUES */
} Columns;

static bool
is_null(Node *expr)
{
	return neon_null_const(expr) != NULL;
}

static bool
is_set_to_default(Node *expr)
{
	return IsA(expr, SetToDefault);
}

static void
collect_updated(List *targets, Columns *columns)
{
	ListCell   *lc;

	foreach(lc, targets)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		if (!tle->resjunk && tle->resname != NULL &&
			columns->is_one((Node *) tle->expr))
			columns->names = lappend(columns->names, makeString(tle->resname));
	}
}

static void
collect_values(List *rows, Columns *columns)
{
	ListCell   *lc;
	ListCell   *lc2;

	foreach(lc, rows)
	{
		foreach(lc2, (List *) lfirst(lc))
		{
			if (columns->is_one(lfirst(lc2)))
				columns->values = bms_add_member(columns->values,
												 foreach_current_index(lc2));
		}
	}
}

static void
collect_columns(Query *query, Columns *columns)
{
	ListCell   *lc;

	if (query->commandType == CMD_UPDATE)
		collect_updated(query->targetList, columns);
	foreach(lc, query->mergeActionList)
	{
		MergeAction *action = lfirst_node(MergeAction, lc);

		if (action->commandType == CMD_UPDATE)
			collect_updated(action->targetList, columns);
	}
	if (query->commandType != CMD_INSERT)
		return;
	if (query->onConflict != NULL)
		collect_updated(query->onConflict->onConflictSet, columns);
	foreach(lc, query->rtable)
	{
		RangeTblEntry *rte = lfirst_node(RangeTblEntry, lc);

		if (rte->rtekind == RTE_VALUES)
			collect_values(rte->values_lists, columns);
	}
}

static bool
collect_walker(Node *node, Columns *columns)
{
	if (node == NULL)
		return false;
	if (!IsA(node, Query))
		return expression_tree_walker(node, collect_walker, columns);
	collect_columns((Query *) node, columns);
	return query_tree_walker((Query *) node, collect_walker, columns, 0);
}

/* ---------- what the catalogs have stored ---------- */

/* The statements of a function, or of a rule; NULL if they are none. */
static char *
function_body(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	char	   *body = NULL;
	Datum		datum;
	bool		isnull;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	datum = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_prosqlbody, &isnull);
	if (!isnull)
		body = TextDatumGetCString(datum);
	ReleaseSysCache(tuple);
	return body;
}

static char *
rule_actions(Oid rule)
{
	Relation	catalog = table_open(RewriteRelationId, AccessShareLock);
	char	   *actions = NULL;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_rewrite_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(rule));
	scan = systable_beginscan(catalog, RewriteOidIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		bool		isnull;
		Datum		datum = heap_getattr(tuple, Anum_pg_rewrite_ev_action,
										 RelationGetDescr(catalog), &isnull);

		if (!isnull)
			actions = TextDatumGetCString(datum);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return actions;
}

/* Does this object say DEFAULT for one of the columns? */
static bool
says_default(Oid classid, Oid objid, const Columns *nulls)
{
	Columns		defaults = {is_set_to_default};
	char	   *stored = classid == ProcedureRelationId ? function_body(objid) :
		classid == RewriteRelationId ? rule_actions(objid) : NULL;

	/* to read the tree takes longer, and most have no such node */
	if (stored == NULL || strstr(stored, "{SETTODEFAULT") == NULL)
		return false;
	(void) collect_walker(stringToNode(stored), &defaults);
	return bms_overlap(defaults.values, nulls->values) ||
		list_intersection(defaults.names, nulls->names) != NIL;
}

/* What refers to a table and says DEFAULT for one of the columns. */
static char *
find_default(Oid relid, const Columns *nulls)
{
	Relation	catalog = table_open(DependRelationId, AccessShareLock);
	char	   *found = NULL;
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&keys[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(RelationRelationId));
	ScanKeyInit(&keys[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(catalog, DependReferenceIndexId, true, NULL, 2,
							  keys);
	while (found == NULL && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_depend depend = (Form_pg_depend) GETSTRUCT(tuple);
		ObjectAddress object;

		if (!says_default(depend->classid, depend->objid, nulls))
			continue;
		ObjectAddressSet(object, depend->classid, depend->objid);
		found = getObjectDescription(&object, false);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return found;
}

/* ---------- the statement ---------- */

static void
refuse(Query *query)
{
	Columns		nulls = {is_null};
	ListCell   *lc;

	/* a statement with a text has places: see neon_is_default() */
	if (query->stmt_location >= 0)
		return;
	collect_columns(query, &nulls);
	if ((nulls.names == NIL && nulls.values == NULL) ||
		!neon_concerns_us(rt_fetch(query->resultRelation, query->rtable)))
		return;
	foreach(lc, query->rtable)
	{
		RangeTblEntry *rte = lfirst_node(RangeTblEntry, lc);
		char	   *object = NULL;

		/* the statement may name a view, or a parent, of the target */
		if (OidIsValid(rte->relid))
			object = find_default(rte->relid, &nulls);

		if (object != NULL)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("cannot tell DEFAULT from NULL in a stored statement"),
					 errdetail("What PostgreSQL makes of DEFAULT in %s is NULL, but the remote column may have a default.", object),
					 errhint("Set the column's default here, too, or write the function with its body in a string.")));
	}
}

void
neon_refuse_stored_defaults(Query *query)
{
	neon_for_each_statement(query, refuse);
}
