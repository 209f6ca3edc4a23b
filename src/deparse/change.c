/*-------------------------------------------------------------------------
 *
 * deparse/change.c
 *		Print UPDATE and DELETE for the remote.
 *
 * A statement that refers to nothing but its target is printed as it is.  If
 * it has more in FROM, or if the versions of the rows must be known, it is
 * printed as a join of the target to a SELECT that has the identity of the
 * rows and the new values.  That means the same, because both see the rows of
 * one snapshot.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "rewrite/rewriteManip.h"
#include "utils/lsyscache.h"

#include "deparse/change.h"
#include "deparse/check.h"
#include "deparse/query.h"
#include "ship/default_value.h"

#define CHANGED	"a row that this transaction changes was changed by another one"

/* "UPDATE t AS r1 SET ... WHERE ...", of the target alone. */
static void
append_simple(NeonWriteDeparse *deparse)
{
	NeonRemoteSql *sql = &deparse->sql;
	Query	   *query = deparse->query;
	Node	   *quals = query->jointree->quals;
	int			level = neon_sql_begin_print(sql);

	neon_sql_name_columns(sql, list_make2(query->targetList, quals), true);
	if (query->commandType == CMD_DELETE)
		appendStringInfo(&sql->text, "DELETE FROM %s AS " NEON_TARGET,
						 deparse->result->table);
	else
	{
		appendStringInfo(&sql->text, "UPDATE %s AS " NEON_TARGET " SET ",
						 deparse->result->table);
		neon_frame_append_assignments(deparse, query->targetList);
	}
	if (quals != NULL)
	{
		appendStringInfoString(&sql->text, " WHERE ");
		neon_sql_append_expr(sql, quals);
	}
	neon_sql_end_print(level);
}

static void
add_target(Query *source, Expr *expr)
{
	TargetEntry *tle = makeTargetEntry(expr,
									   list_length(source->targetList) + 1,
									   NULL, false);

	source->targetList = lappend(source->targetList, tle);
}

static void
add_identity(Query *source, Index rtindex, AttrNumber attno, Oid type)
{
	add_target(source, (Expr *) makeVar(rtindex, attno, type, -1,
										type == TEXTOID ? DEFAULT_COLLATION_OID :
										InvalidOid, 0));
}

/*
 * The SELECT that the target is joined to: o (tableoid), c (ctid), x
 * (version), v1 ... (new values), f1 ... (what RETURNING has from elsewhere).
 */
static void
append_source(NeonWriteDeparse *deparse)
{
	Query	   *query = deparse->query;
	Query	   *source = copyObject(deparse->write->source);
	StringInfo	text = &deparse->sql.text;
	int			n;
	ListCell   *lc;

	add_identity(source, query->resultRelation,
				 NEON_ROW_TABLEOID(deparse->columns), OIDOID);
	add_identity(source, query->resultRelation,
				 NEON_ROW_CTID(deparse->columns), TIDOID);
	add_identity(source, query->resultRelation,
				 NEON_ROW_VERSION(deparse->columns), TEXTOID);
	foreach(lc, query->commandType == CMD_UPDATE ? query->targetList : NIL)
		add_target(source, copyObject(lfirst_node(TargetEntry, lc)->expr));
	foreach(lc, deparse->foreign)
		add_target(source, (Expr *) copyObject(lfirst(lc)));

	appendStringInfoChar(text, '(');
	neon_sql_append_source(&deparse->sql, source, query->resultRelation);
	appendStringInfoString(text, ") AS s (o, c, x");
	n = query->commandType == CMD_UPDATE ? list_length(query->targetList) : 0;
	for (int i = 1; i <= n; i++)
		appendStringInfo(text, ", v%d", i);
	for (int i = 1; i <= list_length(deparse->foreign); i++)
		appendStringInfo(text, ", f%d", i);
	appendStringInfoChar(text, ')');
}

static void
append_joined(NeonWriteDeparse *deparse)
{
	Query	   *query = deparse->query;
	StringInfo	text = &deparse->sql.text;
	int			n = 0;
	ListCell   *lc;

	if (query->commandType == CMD_DELETE)
		appendStringInfo(text, "DELETE FROM %s AS " NEON_TARGET " USING ",
						 deparse->result->table);
	else
	{
		appendStringInfo(text, "UPDATE %s AS " NEON_TARGET " SET ",
						 deparse->result->table);
		foreach(lc, query->targetList)
		{
			TargetEntry *tle = lfirst_node(TargetEntry, lc);

			appendStringInfo(text, "%s%s = ", n > 0 ? ", " : "",
							 neon_frame_column(deparse, tle->resno));
			n++;
			if (neon_is_default(query, (Node *) tle->expr))
				appendStringInfoString(text, "DEFAULT");
			else
				appendStringInfo(text, "s.v%d", n);
		}
		appendStringInfoString(text, " FROM ");
	}
	append_source(deparse);
	appendStringInfoString(text, " WHERE " NEON_TARGET ".ctid = s.c AND "
						   NEON_TARGET ".tableoid = s.o");
}

/* Is this "column = value", with a value that no row has a say in? */
static bool
fixes_column(Node *clause, Index rtindex, AttrNumber attno)
{
	OpExpr	   *op = (OpExpr *) clause;
	char	   *name;

	if (!IsA(clause, OpExpr) || list_length(op->args) != 2)
		return false;
	name = get_opname(op->opno);
	if (name == NULL || strcmp(name, "=") != 0)
		return false;
	for (int i = 0; i < 2; i++)
	{
		Var		   *var = (Var *) list_nth(op->args, i);
		Node	   *value = list_nth(op->args, 1 - i);

		while (IsA(var, RelabelType))
			var = (Var *) ((RelabelType *) var)->arg;
		if (IsA(var, Var) && var->varlevelsup == 0 &&
			var->varno == rtindex && var->varattno == attno &&
			!contain_vars_of_level(value, 0) &&
			!checkExprHasSubLink(value))
			return true;
	}
	return false;
}

/*
 * Can the statement only ever mean the same row, because it gives a value for
 * each column of the key?
 */
static bool
fixes_row(NeonWriteDeparse *deparse)
{
	Query	   *query = deparse->query;
	List	   *clauses = make_ands_implicit((Expr *) query->jointree->quals);
	bool		found = false;
	ListCell   *lc;

	if (!deparse->write->simple)
		return false;
	for (int i = 0; i < deparse->columns->natts; i++)
	{
		if (!deparse->columns->key[i])
			continue;
		found = false;
		foreach(lc, clauses)
			found |= fixes_column(lfirst(lc), query->resultRelation, i + 1);
		if (!found)
			return false;
	}
	return found;
}

void
neon_print_change(NeonWriteDeparse *deparse)
{
	NeonWriteSql *result = deparse->result;
	Query	   *query = deparse->query;
	StringInfo	text = &deparse->sql.text;
	bool		returning = query->returningList != NIL;
	bool		versions = returning || !fixes_row(deparse);
	char	   *joined = NULL;
	char	   *condition;

	/*
	 * The joined text stands in up to three forms, but is printed once: each
	 * time it would take new parameters for the rows of VALUES.
	 */
	if (versions || !deparse->write->simple)
	{
		append_joined(deparse);
		joined = neon_frame_take(deparse, false, NULL);
	}
	if (deparse->write->simple)
		append_simple(deparse);
	else
		appendStringInfoString(text, joined);
	result->now = neon_frame_take(deparse, returning, NULL);
	if (!versions)
	{
		result->form = NEON_COMMIT_COUNT;
		result->rehearsal = result->now;
		result->commit = psprintf("%s RETURNING 1", result->now);
		condition = psprintf("count(*) = $%d::bigint",
							 list_length(deparse->sql.params) + 1);
	}
	else
	{
		result->form = NEON_COMMIT_VERSIONS;
		appendStringInfoString(text, joined);
		result->rehearsal = neon_frame_take(deparse, true, "s.x");
		result->commit = psprintf("%s RETURNING s.x", joined);
		condition = neon_check_versions("x", list_length(deparse->sql.params));
	}
	result->commit = neon_check_sql(result->commit, condition, CHANGED);
}
