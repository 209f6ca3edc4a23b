/*-------------------------------------------------------------------------
 *
 * ship/write.c
 *		May this whole INSERT, UPDATE or DELETE run on the remote?
 *
 * The query that its rows come from is judged like any other, by
 * ship/query.c; what the statement does with the rows is judged here.
 * RETURNING is computed locally from the columns that come back, so it may
 * have any expression that needs no plan of its own.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "foreign/foreign.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteManip.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "compat/compat.h"
#include "option/table_cache.h"
#include "ship/default_value.h"
#include "ship/expression.h"
#include "ship/multi_assign.h"
#include "ship/target.h"
#include "ship/write.h"

static bool
is_updatable(const NeonRemoteWrite *write)
{
	ForeignServer *server = GetForeignServer(write->remote.serverid);

	return neon_override(write->target->options->updatable,
						 neon_server_options(server)->updatable);
}

/* ---------- where its rows come from ---------- */

/* Makes an entry empty whose table the source does not read. */
static void
clear_rte(Query *query, Index rtindex)
{
	RangeTblEntry *rte = makeNode(RangeTblEntry);

	rte->rtekind = RTE_RESULT;
	rte->eref = makeAlias("target", NIL);
	lfirst(list_nth_cell(query->rtable, rtindex - 1)) = rte;
}

/*
 * In the SELECT of an INSERT, PostgreSQL leaves a literal without a type: the
 * INSERT's target list has the cast.  The remote wants one, and gets text.
 */
static void
type_literals(Query *subquery)
{
	ListCell   *lc;

	foreach(lc, subquery->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);
		Const	   *literal = (Const *) tle->expr;

		if (!IsA(literal, Const) || literal->consttype != UNKNOWNOID)
			continue;
		tle->expr = (Expr *) makeConst(TEXTOID, -1, DEFAULT_COLLATION_OID, -1,
									   literal->constisnull ? (Datum) 0 :
									   CStringGetTextDatum(DatumGetCString(literal->constvalue)),
									   literal->constisnull, false);
	}
}

/* Makes the tables of a FROM list fit to be printed as those of a SELECT. */
static void
prepare_from(Query *source)
{
	ListCell   *lc;

	foreach(lc, source->jointree->fromlist)
	{
		RangeTblEntry *rte;

		if (!IsA(lfirst(lc), RangeTblRef))
			continue;
		rte = rt_fetch(lfirst_node(RangeTblRef, lc)->rtindex, source->rtable);
		/* ruleutils prints only entries that are marked so */
		rte->inFromCl = true;
		if (rte->rtekind == RTE_SUBQUERY)
			type_literals(rte->subquery);
	}
}

static Query *
make_source(Query *query)
{
	Query	   *source = copyObject(query);
	AttrNumber	resno = 0;
	ListCell   *lc;

	prepare_from(source);
	source->commandType = CMD_SELECT;
	source->resultRelation = 0;
	source->returningList = NIL;
	source->onConflict = NULL;
	source->override = OVERRIDING_NOT_SET;
	if (query->commandType != CMD_INSERT)
	{
		source->targetList = NIL;
		return source;
	}
	clear_rte(source, query->resultRelation);
	if (query->onConflict != NULL && query->onConflict->exclRelIndex > 0)
		clear_rte(source, query->onConflict->exclRelIndex);
	foreach(lc, source->targetList)
		lfirst_node(TargetEntry, lc)->resno = ++resno;
	return source;
}

/* Does the statement have no rows but one of VALUES, or the target's own? */
static bool
is_simple(Query *query)
{
	Node	   *from;

	if (query->hasSubLinks || query->hasTargetSRFs || query->cteList != NIL ||
		query->hasAggs || query->hasWindowFuncs)
		return false;
	if (query->commandType == CMD_INSERT)
		return query->jointree->fromlist == NIL &&
			query->jointree->quals == NULL;
	if (list_length(query->jointree->fromlist) != 1)
		return false;
	from = linitial(query->jointree->fromlist);
	return IsA(from, RangeTblRef) &&
		((RangeTblRef *) from)->rtindex == query->resultRelation;
}

/* ---------- what is done with them ---------- */

/*
 * Does an expression assign to a part of a value, or take one of several
 * values of a subquery?  Neither can be printed in a SELECT.
 */
static bool
partial_walker(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, FieldStore) ||
		(IsA(node, SubscriptingRef) &&
		 ((SubscriptingRef *) node)->refassgnexpr != NULL) ||
		(IsA(node, Param) && ((Param *) node)->paramkind == PARAM_MULTIEXPR))
		return true;
	return expression_tree_walker(node, partial_walker, context);
}

static bool
are_columns_shippable(NeonRemoteWrite *write, List *targets)
{
	NeonRemoteColumns *columns = write->target->columns;
	ListCell   *lc;

	foreach(lc, targets)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		if (tle->resjunk || tle->resno < 1 || tle->resno > columns->natts ||
			columns->names[tle->resno - 1] == NULL ||
			columns->ambiguous[tle->resno - 1] ||
			partial_walker((Node *) tle->expr, NULL))
			return false;
	}
	return true;
}

/* A single row of VALUES is computed here: only its types matter. */
static bool
are_values_local(NeonRemoteWrite *write)
{
	NeonShipContext *ship = &write->remote.ship;
	ListCell   *lc;

	foreach(lc, write->query->targetList)
	{
		Node	   *expr = (Node *) lfirst_node(TargetEntry, lc)->expr;

		if (!neon_remote_type_known(ship->extensions, ship->types,
									exprType(expr)))
			return false;
	}
	return true;
}

static bool
are_assignments_shippable(NeonRemoteWrite *write, List *targets)
{
	ListCell   *lc;

	foreach(lc, targets)
	{
		if (!neon_is_shippable(&write->remote.ship,
							   lfirst_node(TargetEntry, lc)->expr))
			return false;
	}
	return true;
}

static bool
is_arbiter_shippable(NeonRemoteWrite *write, InferenceElem *elem)
{
	return !OidIsValid(elem->infercollid) &&
		!OidIsValid(elem->inferopclass) &&
		neon_is_shippable(&write->remote.ship, (Expr *) elem->expr);
}

static bool
is_conflict_shippable(NeonRemoteWrite *write, OnConflictExpr *conflict)
{
	NeonShipContext *ship = &write->remote.ship;
	ListCell   *lc;

	if (conflict == NULL)
		return true;
	if (neon_conflict_selects(conflict) ||
		checkExprHasSubLink((Node *) conflict->arbiterElems) ||
		checkExprHasSubLink(conflict->arbiterWhere) ||
		!neon_reads_one_server(&write->remote, (Node *) conflict))
		return false;
	/* one row, so at most one conflict */
	ship->once = write->simple;
	foreach(lc, conflict->arbiterElems)
	{
		if (!is_arbiter_shippable(write, lfirst_node(InferenceElem, lc)))
			return false;
	}
	return !OidIsValid(conflict->constraint) &&
		(conflict->arbiterWhere == NULL ||
		 neon_is_shippable(ship, (Expr *) conflict->arbiterWhere)) &&
		are_columns_shippable(write, conflict->onConflictSet) &&
		are_assignments_shippable(write, conflict->onConflictSet) &&
		(conflict->onConflictWhere == NULL ||
		 neon_is_shippable(ship, (Expr *) conflict->onConflictWhere));
}

/*
 * Judges what the source does not have: the columns that are written, the
 * values of an UPDATE, and ON CONFLICT.
 */
static bool
are_actions_shippable(NeonRemoteWrite *write)
{
	NeonShipContext *ship = &write->remote.ship;
	Query	   *query = write->query;
	bool		result;

	if (!are_columns_shippable(write, query->targetList))
		return false;
	ship->queries = list_make1(query);
	result = is_conflict_shippable(write, query->onConflict) &&
		(query->commandType != CMD_UPDATE ||
		 (neon_reads_one_server(&write->remote, (Node *) query->targetList) &&
		  are_assignments_shippable(write, query->targetList)));
	ship->queries = NIL;
	return result;
}

/*
 * "xmax = 0" and the like: how a client asks whether an upsert has inserted
 * the row.  The number itself is that of a rehearsal, and means nothing later.
 */
static bool
is_insertion_test(Node *node)
{
	OpExpr	   *expr = (OpExpr *) node;
	Node	   *arg;
	Const	   *zero;
	Oid			output;
	bool		isvarlena;

	if (!IsA(node, OpExpr) || list_length(expr->args) != 2 ||
		!neon_is_builtin(expr->opno))
		return false;
	arg = linitial(expr->args);
	while (IsA(arg, CoerceViaIO) || IsA(arg, RelabelType))
		arg = IsA(arg, CoerceViaIO) ? (Node *) ((CoerceViaIO *) arg)->arg :
			(Node *) ((RelabelType *) arg)->arg;
	zero = lsecond(expr->args);
	if (!IsA(arg, Var) || !IsA(zero, Const) || zero->constisnull ||
		((Var *) arg)->varattno != MaxTransactionIdAttributeNumber ||
		neon_is_old_or_new((Var *) arg))
		return false;
	getTypeOutputInfo(zero->consttype, &output, &isvarlena);
	return strcmp(OidOutputFunctionCall(output, zero->constvalue), "0") == 0;
}

/* Does RETURNING have what cannot be computed of the columns that come back? */
static bool
unreturnable_walker(Node *node, Query *query)
{
	if (node == NULL)
		return false;
	if (IsA(node, SubLink) || IsA(node, Aggref) || IsA(node, WindowFunc))
		return true;
	if (is_insertion_test(node))
		return false;
	if (IsA(node, Var))
	{
		Var		   *var = (Var *) node;

		return neon_is_old_or_new(var) ||
			(var->varattno == 0 && var->varno != query->resultRelation) ||
			(var->varattno < 0 && var->varattno != TableOidAttributeNumber);
	}
	return expression_tree_walker(node, unreturnable_walker, query);
}

static bool
is_written_here(Query *query)
{
	return query->hasModifyingCTE || query->hasRowSecurity ||
		query->withCheckOptions != NIL || query->rowMarks != NIL ||
		query->utilityStmt != NULL ||
		(query->commandType != CMD_INSERT &&
		 query->commandType != CMD_UPDATE &&
		 query->commandType != CMD_DELETE);
}

/* The same for several rows, some of whose values are DEFAULT. */
static bool
are_rows_local(NeonRemoteWrite *write)
{
	NeonShipContext *ship = &write->remote.ship;
	ListCell   *lc;
	ListCell   *lc2;

	foreach(lc, write->rows)
	{
		foreach(lc2, (List *) lfirst(lc))
		{
			if (lfirst(lc2) != NULL &&
				!neon_remote_type_known(ship->extensions, ship->types,
										exprType(lfirst(lc2))))
				return false;
		}
	}
	return true;
}

static bool
is_source_shippable(NeonRemoteWrite *write)
{
	if (write->rows != NIL)
		return are_rows_local(write);
	if (write->simple && write->query->commandType == CMD_INSERT)
		return are_values_local(write);
	return neon_is_source_shippable(&write->remote, write->source);
}

/*
 * Judges what a whole and a gathered statement have in common; the source is
 * made, but not judged.  Returns NULL if the statement must not run remotely.
 */
static NeonRemoteWrite *
begin_write(Query *query)
{
	NeonRemoteWrite *write = palloc0(sizeof(NeonRemoteWrite));
	RangeTblEntry *rte;

	if (is_written_here(query))
		return NULL;
	query = neon_single_assignments(query);
	rte = rt_fetch(query->resultRelation, query->rtable);
	if (!neon_is_target_shippable(query) ||
		unreturnable_walker((Node *) query->returningList, query))
		return NULL;
	write->query = query;
	write->target = neon_remote_target(&write->remote, query, rte);
	write->source = make_source(query);
	write->simple = is_simple(query);
	write->rows = neon_default_rows(query);
	if (write->rows != NIL && (query->hasSubLinks || query->cteList != NIL))
		return NULL;
	return is_updatable(write) ? write : NULL;
}

NeonRemoteWrite *
neon_remote_write(Query *query)
{
	NeonRemoteWrite *write = begin_write(query);

	if (write == NULL || !is_source_shippable(write) ||
		!are_actions_shippable(write))
		return NULL;
	return write;
}

NeonRemoteWrite *
neon_gathered_write(Query *query)
{
	NeonRemoteWrite *write;

	if (query->commandType != CMD_INSERT || query->targetList == NIL ||
		(query->returningList == NIL && query->onConflict == NULL))
		return NULL;
	write = begin_write(query);
	/* arrays of gathered rows have no place for DEFAULT */
	if (write == NULL || write->rows != NIL || !are_values_local(write) ||
		!are_actions_shippable(write))
		return NULL;
	write->simple = false;
	write->gathered = true;
	return write;
}

/* Is ON CONFLICT of a kind that PostgreSQL refuses for foreign tables? */
static bool
needs_conflict(Query *query)
{
	return query->onConflict != NULL &&
		(query->onConflict->action != ONCONFLICT_NOTHING ||
		 query->onConflict->arbiterElems != NIL);
}

/*
 * The first column of those that an upsert names whose values are of another
 * type on the remote, NULL if there is none.
 */
static const char *
retyped_column(Query *query)
{
	Oid			relid = rt_fetch(query->resultRelation, query->rtable)->relid;
	NeonRemoteColumns *columns = neon_remote_columns(relid);
	List	   *numbers =
		list_concat(neon_target_columns(query->targetList),
					neon_target_columns(query->onConflict->onConflictSet));
	ListCell   *lc;

	foreach(lc, query->onConflict->arbiterElems)
	{
		Var		   *var = (Var *) lfirst_node(InferenceElem, lc)->expr;

		if (IsA(var, Var))
			numbers = lappend_int(numbers, var->varattno);
	}
	foreach(lc, numbers)
	{
		if (lfirst_int(lc) > 0 && columns->written_types[lfirst_int(lc) - 1])
			return get_attname(relid, lfirst_int(lc), false);
	}
	return NULL;
}

/* The first thing in an upsert that keeps it from running remotely. */
static const char *
refusal_cause(Query *query)
{
	const char *retyped = retyped_column(query);

	if (neon_conflict_selects(query->onConflict))
		return _("ON CONFLICT DO SELECT is not supported.");
	if (!neon_is_target_shippable(query))
		return _("The foreign table has partitions or local triggers that the statement fires.");
	if (unreturnable_walker((Node *) query->returningList, query))
		return _("RETURNING has a subquery, or a system column whose value is not known before the commit.");
	if (contain_volatile_functions((Node *) query->onConflict))
		return _("ON CONFLICT calls a volatile function, which is possible only for an INSERT of a single row.");
	if (retyped != NULL)
		return psprintf(_("Column \"%s\" has another type on the remote (option \"type_name\"), to which values are cast row by row."),
						retyped);
	return _("ON CONFLICT with a target, or DO UPDATE, is possible only for a statement that runs there as it stands.");
}

void
neon_refuse_write(Query *query)
{
	if (query->commandType == CMD_INSERT && needs_conflict(query) &&
		neon_is_own_target(rt_fetch(query->resultRelation, query->rtable)))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("this INSERT ... ON CONFLICT cannot run on the remote server as a whole"),
				 errdetail("%s", refusal_cause(query)),
				 errhint("Its ON CONFLICT must not use what only exists here, its table must not have partitions or local triggers that the statement fires, and neon_http_fdw.statement_pushdown must be on.")));
}
