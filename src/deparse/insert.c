/*-------------------------------------------------------------------------
 *
 * deparse/insert.c
 *		Print INSERT for the remote.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"

#include "compat/compat.h"
#include "deparse/check.h"
#include "deparse/insert.h"
#include "deparse/pin_sql.h"
#include "deparse/query.h"
#include "deparse/values.h"
#include "remote/array_text.h"

/*
 * What "w" has inserted, its rows as text t, in one number that depends neither
 * on their order nor on the memory that is there.
 */
#define ROWS_DIGEST	"coalesce(sum(hashtextextended(w.t, 0)), 0)::text"

static void
append_values(NeonWriteDeparse *deparse)
{
	ListCell   *lc;

	appendStringInfoString(&deparse->sql.text, "SELECT ");
	foreach(lc, deparse->query->targetList)
	{
		if (lc != list_head(deparse->query->targetList))
			appendStringInfoString(&deparse->sql.text, ", ");
		neon_sql_append_param(&deparse->sql,
							  (Node *) lfirst_node(TargetEntry, lc)->expr);
	}
}

/* "VALUES ($1, DEFAULT), ..." */
static void
append_default_rows(NeonWriteDeparse *deparse)
{
	StringInfo	text = &deparse->sql.text;
	ListCell   *lc;
	ListCell   *lc2;

	foreach(lc, deparse->write->rows)
	{
		appendStringInfoString(text, lc == list_head(deparse->write->rows) ?
							   "VALUES " : ", ");
		foreach(lc2, (List *) lfirst(lc))
		{
			appendStringInfoString(text, lc2 == list_head((List *) lfirst(lc)) ?
								   "(" : ", ");
			if (lfirst(lc2) == NULL)
				appendStringInfoString(text, "DEFAULT");
			else
				neon_sql_append_param(&deparse->sql, lfirst(lc2));
		}
		appendStringInfoChar(text, ')');
	}
}

/* Does some row have DEFAULT for the n-th column of the target list? */
static bool
has_default(NeonWriteDeparse *deparse, int n)
{
	ListCell   *lc;

	foreach(lc, deparse->write->rows)
	{
		if (list_nth((List *) lfirst(lc), n) == NULL)
			return true;
	}
	return false;
}

static void
append_arbiters(NeonWriteDeparse *deparse, OnConflictExpr *conflict)
{
	NeonRemoteSql *sql = &deparse->sql;
	ListCell   *lc;

	foreach(lc, conflict->arbiterElems)
	{
		InferenceElem *elem = lfirst_node(InferenceElem, lc);

		appendStringInfoString(&sql->text,
							   lc == list_head(conflict->arbiterElems) ?
							   " (" : ", ");
		if (IsA(elem->expr, Var))
			appendStringInfoString(&sql->text,
								   neon_frame_column(deparse, ((Var *) elem->expr)->varattno));
		else
		{
			appendStringInfoChar(&sql->text, '(');
			neon_sql_append_expr(sql, elem->expr);
			appendStringInfoChar(&sql->text, ')');
		}
	}
	if (conflict->arbiterElems != NIL)
		appendStringInfoChar(&sql->text, ')');
	if (conflict->arbiterWhere != NULL)
	{
		appendStringInfoString(&sql->text, " WHERE ");
		neon_sql_append_expr(sql, conflict->arbiterWhere);
	}
}

static void
append_conflict(NeonWriteDeparse *deparse, OnConflictExpr *conflict)
{
	NeonRemoteSql *sql = &deparse->sql;
	List	   *exprs;
	int			level;

	if (conflict == NULL)
		return;
	exprs = list_make4(conflict->arbiterElems, conflict->arbiterWhere,
					   conflict->onConflictSet, conflict->onConflictWhere);
	level = neon_sql_begin_print(sql);
	appendStringInfoString(&sql->text, " ON CONFLICT");

	/* the expressions that name an index have columns without an alias */
	neon_sql_name_columns(sql, exprs, false);
	deparse->write->remote.ship.excluded = 0;
	append_arbiters(deparse, conflict);
	deparse->write->remote.ship.excluded = conflict->exclRelIndex;
	if (conflict->action == ONCONFLICT_NOTHING)
		appendStringInfoString(&sql->text, " DO NOTHING");
	else
	{
		neon_sql_name_columns(sql, exprs, true);
		appendStringInfoString(&sql->text, " DO UPDATE SET ");
		neon_frame_append_assignments(deparse, conflict->onConflictSet);
		if (conflict->onConflictWhere != NULL)
		{
			appendStringInfoString(&sql->text, " WHERE ");
			neon_sql_append_expr_with_queries(sql, conflict->onConflictWhere);
		}
	}
	neon_sql_end_print(level);
}

/* "a, b" of a target list. */
static void
append_names(NeonWriteDeparse *deparse, List *targets)
{
	ListCell   *lc;

	foreach(lc, targets)
		appendStringInfo(&deparse->sql.text, "%s%s",
						 lc == list_head(targets) ? "" : ", ",
						 neon_frame_column(deparse,
										   lfirst_node(TargetEntry, lc)->resno));
}

/* Appends a SELECT of gathered rows, each column of which is an array. */
static void
append_gathered(NeonWriteDeparse *deparse)
{
	NeonShipContext *ship = &deparse->write->remote.ship;
	StringInfo	text = &deparse->sql.text;
	int			first = list_length(deparse->sql.params) + 1;
	int			n = 0;
	ListCell   *lc;

	appendStringInfoString(text, "SELECT ");
	foreach(lc, deparse->query->targetList)
	{
		Node	   *expr = (Node *) lfirst_node(TargetEntry, lc)->expr;

		n++;
		appendStringInfo(text, "%su.c%d::%s", n > 1 ? ", " : "", n,
						 neon_remote_type_name(ship->extensions, ship->types,
											   exprType(expr)));
	}
	appendStringInfoString(text, " FROM ");
	neon_append_unnest(text, first, n, true);
	appendStringInfoString(text, " ORDER BY u.n");
	deparse->result->ngathered = n;
}

/*
 * How many rows the INSERT has, if each time that it runs it has the same ones
 * in the same order: 0 for gathered rows, -1 if nothing is known.
 */
static int
count_source(NeonWriteDeparse *deparse)
{
	Query	   *query = deparse->query;
	List	   *from = query->jointree->fromlist;
	RangeTblEntry *rte;

	if (query->onConflict != NULL || deparse->write->rows != NIL ||
		query->override == OVERRIDING_USER_VALUE)
		return -1;
	if (deparse->write->gathered)
		return 0;
	if (deparse->write->simple)
		return 1;
	if (list_length(from) != 1 || !IsA(linitial(from), RangeTblRef) ||
		query->jointree->quals != NULL || query->hasTargetSRFs ||
		query->hasAggs || query->limitCount != NULL ||
		query->limitOffset != NULL || query->sortClause != NIL)
		return -1;
	rte = rt_fetch(((RangeTblRef *) linitial(from))->rtindex, query->rtable);
	return rte->rtekind == RTE_VALUES ? list_length(rte->values_lists) : -1;
}

/* Names of the columns that the INSERT gives values for in all rows. */
static char *
named_array(NeonWriteDeparse *deparse)
{
	List	   *attnos = NIL;
	ListCell   *lc;

	foreach(lc, deparse->query->targetList)
	{
		if (!has_default(deparse, foreach_current_index(lc)))
			attnos = lappend_int(attnos, lfirst_node(TargetEntry, lc)->resno);
	}
	return neon_array_of_names(deparse->columns, attnos);
}

/* Are there tables in a query, at any level? */
static bool
reads_tables(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, RangeTblEntry))
		return ((RangeTblEntry *) node)->rtekind == RTE_RELATION;
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, reads_tables, context,
								 QTW_EXAMINE_RTES_BEFORE);
	return expression_tree_walker(node, reads_tables, context);
}

/* Appends the query for the rows. */
static void
append_rows(NeonWriteDeparse *deparse)
{
	NeonWriteSql *result = deparse->result;
	int			start = deparse->sql.text.len;

	if (deparse->write->gathered)
		append_gathered(deparse);
	else if (deparse->write->rows != NIL)
		append_default_rows(deparse);
	else if (deparse->write->simple)
		append_values(deparse);
	else
	{
		neon_sql_append_query(&deparse->sql, deparse->write->source);
		if (reads_tables((Node *) deparse->write->source, NULL))
		{
			result->reads = pstrdup(deparse->sql.text.data + start);
			result->nreads = list_length(deparse->sql.params);
		}
	}
	result->nsource = count_source(deparse);
	if (result->nsource < 0)
		return;
	result->source = pstrdup(deparse->sql.text.data + start);
	result->names = named_array(deparse);
}

/* Appends the statement without RETURNING. */
static void
append_insert(NeonWriteDeparse *deparse)
{
	Query	   *query = deparse->query;
	StringInfo	text = &deparse->sql.text;
	char	   *conflict = NULL;
	int			start;

	/* the parameters of ON CONFLICT come before the arrays of gathered rows */
	if (deparse->write->gathered)
	{
		append_conflict(deparse, query->onConflict);
		conflict = neon_frame_take(deparse, false, NULL);
	}
	appendStringInfo(text, "INSERT INTO %s AS " NEON_TARGET,
					 deparse->result->table);
	if (query->targetList == NIL)
		appendStringInfoString(text, " DEFAULT VALUES");
	else
	{
		appendStringInfoString(text, " (");
		start = text->len;
		append_names(deparse, query->targetList);
		deparse->result->named = pstrdup(text->data + start);
		appendStringInfoString(text, ") ");
		if (query->override == OVERRIDING_SYSTEM_VALUE)
			appendStringInfoString(text, "OVERRIDING SYSTEM VALUE ");
		else if (query->override == OVERRIDING_USER_VALUE)
			appendStringInfoString(text, "OVERRIDING USER VALUE ");
		append_rows(deparse);
	}
	if (conflict != NULL)
		appendStringInfoString(text, conflict);
	else
		append_conflict(deparse, query->onConflict);
}

/*
 * "o.k1 = (y.r).k1 AND ..." for the columns of ON CONFLICT, NULL if these
 * do not tell which row was there before: then it can only be counted.
 */
static char *
conflict_keys(NeonWriteDeparse *deparse, OnConflictExpr *conflict,
			  const char *format)
{
	StringInfoData buf;
	ListCell   *lc;
	ListCell   *lc2;

	initStringInfo(&buf);
	foreach(lc, conflict->arbiterElems)
	{
		Var		   *var = (Var *) lfirst_node(InferenceElem, lc)->expr;
		const char *name;

		if (!IsA(var, Var) || conflict->arbiterWhere != NULL)
			return NULL;
		foreach(lc2, conflict->onConflictSet)
		{
			if (lfirst_node(TargetEntry, lc2)->resno == var->varattno)
				return NULL;
		}
		name = neon_frame_column(deparse, var->varattno);
		appendStringInfo(&buf, "%so.%s = %s.%s", buf.len > 0 ? " AND " : "",
						 name, format, name);
	}
	return buf.data;
}

/*
 * The rehearsal of an INSERT without RETURNING.  Its rows come back, to be
 * pinned, only if the remote makes values for columns that the statement does
 * not name: running the statement again would make others.  A single row
 * always comes back, since pinned rows can be sent together.  Where triggers
 * would change pinned rows a second time, and the statement cannot tell the
 * columns that it names from the others, no row comes back.
 */
static char *
counted_insert(NeonWriteDeparse *deparse)
{
	const char *table = quote_literal_cstr(deparse->result->table);
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "WITH w AS (%s RETURNING %s AS t) SELECT ",
					 deparse->sql.text.data, neon_pin_row_sql(NEON_TARGET));
	if (deparse->result->source == NULL)
		appendStringInfo(&sql, "CASE WHEN NOT %s THEN " ROWS_DIGEST " END",
						 neon_pin_triggers_sql(table, false));
	else
		appendStringInfoString(&sql, "NULL");
	appendStringInfoString(&sql, ", count(*)::text FROM w"
						   " UNION ALL SELECT t, NULL FROM w");
	if (!deparse->write->simple)
		appendStringInfo(&sql, " WHERE EXISTS ("
						 "SELECT FROM pg_attribute WHERE attrelid = %s::regclass"
						 " AND (atthasdef OR attidentity <> '') AND attgenerated = ''"
						 " AND attnum > 0 AND attname <> ALL (%s::text[]))",
						 table, quote_literal_cstr(named_array(deparse)));
	if (deparse->result->source == NULL)
		appendStringInfo(&sql, "%s NOT %s",
						 deparse->write->simple ? " WHERE" : " AND",
						 neon_pin_triggers_sql(table, false));
	return sql.data;
}

static char *
upsert_returning(const char *table, const char *keys)
{
	return psprintf("%s, (SELECT " NEON_VERSION_SQL " FROM %s o WHERE %s)",
					neon_pin_row_sql(NEON_TARGET), table, keys);
}

/*
 * The INSERT once more, as long as it inserts as many rows; if they are not
 * known, also the same ones, unless the digest is null.
 */
static char *
insert_again(NeonWriteDeparse *deparse, const char *insert, bool returning)
{
	NeonWriteSql *result = deparse->result;
	int			n = list_length(deparse->sql.params) + result->ngathered;
	char	   *condition = psprintf("count(*) = $%d::bigint", n + 1);
	const char *row = "1";

	if (result->form == NEON_COMMIT_ROWS && !returning &&
		result->source == NULL)
	{
		condition = psprintf("%s AND ($%d::text IS NULL OR $%d::text = "
							 ROWS_DIGEST ")", condition, n + 2, n + 2);
		row = psprintf("%s AS t", neon_pin_row_sql(NEON_TARGET));
	}
	return neon_check_sql(psprintf("%s RETURNING %s", insert, row), condition,
						  "another transaction has changed what this one inserts or updates");
}

void
neon_print_insert(NeonWriteDeparse *deparse)
{
	NeonWriteSql *result = deparse->result;
	OnConflictExpr *conflict = deparse->query->onConflict;
	bool		returning = deparse->query->returningList != NIL;
	char	   *insert;
	char	   *keys = NULL;

	append_insert(deparse);
	insert = deparse->sql.text.data;
	if (conflict != NULL && conflict->action == ONCONFLICT_UPDATE)
	{
		keys = conflict_keys(deparse, conflict, NEON_TARGET);
		result->form = keys != NULL ? NEON_COMMIT_UPSERT : NEON_COMMIT_COUNT;
		result->keys = conflict_keys(deparse, conflict, "(y.r)");
	}
	else
		result->form = NEON_COMMIT_ROWS;

	/* three statements of the same text, with different ends */
	result->commit = insert_again(deparse, insert, returning);
	if (result->form == NEON_COMMIT_ROWS && !returning)
		result->rehearsal = counted_insert(deparse);
	insert = pstrdup(insert);
	result->now = neon_frame_take(deparse, returning, NULL);
	if (result->rehearsal != NULL)
		return;
	appendStringInfoString(&deparse->sql.text, insert);
	if (keys != NULL)
		result->rehearsal = neon_frame_take(deparse, true,
											upsert_returning(result->table, keys));
	else if (result->form == NEON_COMMIT_ROWS)
		result->rehearsal = neon_frame_take(deparse, true,
											neon_pin_row_sql(NEON_TARGET));
	else
		result->rehearsal = neon_frame_take(deparse, returning, NULL);
}
