/*-------------------------------------------------------------------------
 *
 * deparse/rel.c
 *		Print a SELECT over joined relations.
 *
 * Every column is printed with the alias of its relation, because a bare name
 * in GROUP BY or ORDER BY could mean a column of the result.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/sysattr.h"
#include "catalog/pg_operator.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "compat/compat.h"
#include "deparse/rel.h"

static void append_from(NeonRemoteSql *sql, NeonFrom *from);
static void append_conditions(NeonRemoteSql *sql, NeonConditions *conditions);

/* ---------- which expressions ---------- */

static List *collect_from(List *exprs, NeonFrom *from);

static List *
collect_conditions(List *exprs, NeonConditions *conditions)
{
	ListCell   *lc;

	exprs = list_concat(exprs, conditions->exprs);
	foreach(lc, conditions->exists)
	{
		NeonExists *exists = lfirst(lc);

		exprs = collect_from(exprs, exists->from);
		exprs = collect_conditions(exprs, &exists->conditions);
	}
	return exprs;
}

/* append_expr() prints a Var without ruleutils, so it needs no names. */
static List *
collect_list(List *exprs, List *list)
{
	ListCell   *lc;

	foreach(lc, list)
	{
		if (!IsA(lfirst(lc), Var))
			exprs = lappend(exprs, lfirst(lc));
	}
	return exprs;
}

static List *
collect_from(List *exprs, NeonFrom *from)
{
	if (from == NULL)
		return exprs;
	exprs = collect_from(exprs, from->left);
	exprs = collect_from(exprs, from->right);
	exprs = collect_list(exprs, from->columns);
	return collect_conditions(exprs, &from->conditions);
}

static List *
collect_exprs(NeonSelect *select)
{
	List	   *exprs = collect_from(NIL, select->from);
	ListCell   *lc;

	exprs = collect_conditions(exprs, &select->where);
	exprs = collect_list(exprs, select->group);
	exprs = list_concat(exprs, select->having);
	exprs = collect_list(exprs, select->distinct_on);
	exprs = collect_list(exprs, select->columns);
	foreach(lc, select->sort)
		exprs = collect_list(exprs,
							 list_make1(((NeonSortKey *) lfirst(lc))->expr));
	return exprs;
}

/* ---------- expressions ---------- */

/*
 * A whole row, as a ROW of the columns that are known here; null where an
 * outer join found no row.
 */
static void
append_whole_row(NeonRemoteSql *sql, Index varno)
{
	NeonRemoteColumns *columns = sql->ship->columns[varno];
	const char *separator = "";
	int			alias = neon_sql_alias(sql, varno);
	int			i;

	appendStringInfo(&sql->text,
					 "CASE WHEN r%d.* IS DISTINCT FROM NULL THEN ROW(", alias);
	for (i = 0; i < columns->natts; i++)
	{
		if (columns->names[i] == NULL)
			continue;
		appendStringInfo(&sql->text, "%sr%d.%s", separator, alias,
						 quote_identifier(columns->names[i]));
		separator = ", ";
	}
	appendStringInfoString(&sql->text, ") END");
}

/* An expression, most often just a column of a relation. */
static void
append_expr(NeonRemoteSql *sql, Node *expr)
{
	Var		   *var = (Var *) expr;

	if (!IsA(expr, Var) || !sql->with_alias)
		neon_sql_append_expr(sql, expr);
	else if (var->varattno == 0)
		append_whole_row(sql, var->varno);
	else
		neon_sql_append_column(sql, var->varno, var->varattno, true);
}

static void
append_list(NeonRemoteSql *sql, List *exprs)
{
	ListCell   *lc;

	foreach(lc, exprs)
	{
		if (lc != list_head(exprs))
			appendStringInfoString(&sql->text, ", ");
		append_expr(sql, lfirst(lc));
	}
}

static void
append_operator(NeonRemoteSql *sql, Oid opno)
{
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(opno));
	Form_pg_operator form;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for operator %u", opno);
	form = (Form_pg_operator) GETSTRUCT(tuple);
	appendStringInfo(&sql->text, " USING OPERATOR(%s.%s)",
					 quote_identifier(get_namespace_name(form->oprnamespace)),
					 NameStr(form->oprname));
	ReleaseSysCache(tuple);
}

/*
 * ASC and DESC stand for the default operators of a type, which are the same
 * on both sides.
 */
static void
append_sort_key(NeonRemoteSql *sql, NeonSortKey *key)
{
	TypeCacheEntry *type;

	append_expr(sql, (Node *) key->expr);
	type = lookup_type_cache(exprType((Node *) key->expr),
							 TYPECACHE_LT_OPR | TYPECACHE_GT_OPR);
	if (key->sortop == type->lt_opr)
		appendStringInfoString(&sql->text, " ASC");
	else if (key->sortop == type->gt_opr)
		appendStringInfoString(&sql->text, " DESC");
	else
		append_operator(sql, key->sortop);
	appendStringInfoString(&sql->text, key->nulls_first ?
						   " NULLS FIRST" : " NULLS LAST");
}

static void
append_sort(NeonRemoteSql *sql, List *sort)
{
	ListCell   *lc;

	appendStringInfoString(&sql->text, " ORDER BY ");
	foreach(lc, sort)
	{
		if (lc != list_head(sort))
			appendStringInfoString(&sql->text, ", ");
		append_sort_key(sql, lfirst(lc));
	}
}

void
neon_sql_append_scan_sort(NeonRemoteSql *sql, List *sort)
{
	int			level = neon_sql_begin_print(sql);
	List	   *exprs = NIL;
	ListCell   *lc;

	foreach(lc, sort)
		exprs = lappend(exprs, ((NeonSortKey *) lfirst(lc))->expr);
	neon_sql_name_columns(sql, exprs, false);
	append_sort(sql, sort);
	neon_sql_end_print(level);
}

/* ---------- FROM and WHERE ---------- */

static void
append_where(NeonRemoteSql *sql, NeonConditions *conditions)
{
	if (conditions->exprs == NIL && conditions->exists == NIL)
		return;
	appendStringInfoString(&sql->text, " WHERE ");
	append_conditions(sql, conditions);
}

static void
append_exists(NeonRemoteSql *sql, NeonExists *exists)
{
	appendStringInfo(&sql->text, "%sEXISTS (SELECT FROM ",
					 exists->negated ? "NOT " : "");
	append_from(sql, exists->from);
	append_where(sql, &exists->conditions);
	appendStringInfoChar(&sql->text, ')');
}

static void
append_conditions(NeonRemoteSql *sql, NeonConditions *conditions)
{
	const char *separator = "";
	ListCell   *lc;

	foreach(lc, conditions->exprs)
	{
		appendStringInfoString(&sql->text, separator);
		/* ruleutils puts parentheses around whatever needs them */
		neon_sql_append_expr(sql, lfirst(lc));
		separator = " AND ";
	}
	foreach(lc, conditions->exists)
	{
		appendStringInfoString(&sql->text, separator);
		append_exists(sql, lfirst(lc));
		separator = " AND ";
	}
	if (separator[0] == '\0')
		appendStringInfoString(&sql->text, "true");
}

/* "(SELECT ... AS c1, ... AS c2 FROM ...) r7" */
static void
append_subquery(NeonRemoteSql *sql, NeonFrom *from)
{
	int			n = 0;
	ListCell   *lc;

	appendStringInfoString(&sql->text, "(SELECT ");
	foreach(lc, from->columns)
	{
		if (n > 0)
			appendStringInfoString(&sql->text, ", ");
		append_expr(sql, lfirst(lc));
		appendStringInfo(&sql->text, " AS c%d", ++n);
	}
	appendStringInfo(&sql->text, "%sFROM ", n > 0 ? " " : "");
	append_from(sql, from->left);
	append_where(sql, &from->conditions);
	appendStringInfo(&sql->text, ") r%d",
					 neon_sql_alias(sql, from->relid));
}

static const char *
join_name(JoinType jointype)
{
	switch (jointype)
	{
		case JOIN_LEFT:
			return "LEFT JOIN";
		case JOIN_FULL:
			return "FULL JOIN";
		default:
			return "JOIN";
	}
}

static void
append_from(NeonRemoteSql *sql, NeonFrom *from)
{
	bool		nested;

	if (from->table != NULL)
	{
		appendStringInfo(&sql->text, "%s r%d",
						 quote_qualified_identifier(from->table->schema_name,
													from->table->table_name),
						 neon_sql_alias(sql, from->relid));
		return;
	}
	if (from->relid > 0)
	{
		append_subquery(sql, from);
		return;
	}

	nested = from->right->relid == 0;
	append_from(sql, from->left);
	appendStringInfo(&sql->text, " %s %s", join_name(from->jointype),
					 nested ? "(" : "");
	append_from(sql, from->right);
	appendStringInfo(&sql->text, "%s ON (", nested ? ")" : "");
	append_conditions(sql, &from->conditions);
	appendStringInfoChar(&sql->text, ')');
}

NeonFrom *
neon_from_table(Index relid, NeonTableOptions *table)
{
	NeonFrom   *from = palloc0(sizeof(NeonFrom));

	from->relid = relid;
	from->table = table;
	return from;
}

/* ---------- the whole statement ---------- */

static void
append_columns(NeonRemoteSql *sql, NeonSelect *select)
{
	appendStringInfoString(&sql->text, "SELECT ");
	if (select->distinct_on != NIL)
	{
		appendStringInfoString(&sql->text, "DISTINCT ON (");
		append_list(sql, select->distinct_on);
		appendStringInfoString(&sql->text, ") ");
	}
	else if (select->distinct)
		appendStringInfoString(&sql->text, "DISTINCT ");
	append_list(sql, select->columns);
	/* rows without columns must be counted, too */
	if (select->columns == NIL)
		appendStringInfoString(&sql->text, "NULL");
}

static void
append_groups(NeonRemoteSql *sql, NeonSelect *select)
{
	NeonConditions having = {select->having, NIL};

	if (!select->grouped)
		return;
	if (select->group != NIL)
	{
		appendStringInfoString(&sql->text, " GROUP BY ");
		append_list(sql, select->group);
	}
	if (select->having != NIL)
	{
		appendStringInfoString(&sql->text, " HAVING ");
		append_conditions(sql, &having);
	}

	/* Without columns, no aggregate says that there is one row. */
	if (select->group == NIL && select->having == NIL &&
		select->columns == NIL)
		appendStringInfoString(&sql->text, " GROUP BY ()");
}

static void
append_limit(NeonRemoteSql *sql, NeonSelect *select)
{
	if (select->count != NULL)
	{
		appendStringInfoString(&sql->text, " LIMIT ");
		neon_sql_append_expr(sql, select->count);
	}
	if (select->offset != NULL)
	{
		appendStringInfoString(&sql->text, " OFFSET ");
		neon_sql_append_expr(sql, select->offset);
	}
}

void
neon_sql_append_select(NeonRemoteSql *sql, NeonSelect *select)
{
	int			level = neon_sql_begin_print(sql);

	sql->grouping = list_concat_copy(select->group, select->distinct_on);
	if (select->distinct)
		sql->grouping = list_concat(sql->grouping, select->columns);
	neon_sql_name_columns(sql, collect_exprs(select), true);

	append_columns(sql, select);
	appendStringInfoString(&sql->text, " FROM ");
	append_from(sql, select->from);
	append_where(sql, &select->where);
	append_groups(sql, select);
	if (select->sort != NIL)
		append_sort(sql, select->sort);
	append_limit(sql, select);
	neon_sql_end_print(level);
}

/* ---------- for EXPLAIN ---------- */

static char *
describe_from(NeonFrom *from, List *rtable)
{
	if (from->table != NULL)
	{
		RangeTblEntry *rte = rt_fetch(from->relid, rtable);
		char	   *name = get_rel_name(rte->relid);
		char	   *alias = rte->eref->aliasname;

		return strcmp(name, alias) == 0 ? name : psprintf("%s %s", name, alias);
	}
	if (from->relid > 0)
		return describe_from(from->left, rtable);
	return psprintf("(%s) %s (%s)",
					describe_from(from->left, rtable),
					join_name(from->jointype),
					describe_from(from->right, rtable));
}

char *
neon_describe_select(NeonSelect *select, List *rtable)
{
	char	   *text = describe_from(select->from, rtable);
	ListCell   *lc;

	foreach(lc, select->where.exists)
	{
		NeonExists *exists = lfirst(lc);

		text = psprintf("(%s) %s JOIN (%s)", text,
						exists->negated ? "ANTI" : "SEMI",
						describe_from(exists->from, rtable));
	}
	return select->grouped ? psprintf("Aggregate on (%s)", text) : text;
}
