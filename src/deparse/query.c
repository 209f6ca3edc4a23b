/*-------------------------------------------------------------------------
 *
 * deparse/query.c
 *		Print a whole query for the remote.
 *
 * ruleutils prints a copy of the query in which each foreign table is a
 * reference to a CTE.  There is no such CTE: its name is a stand-in, and its
 * columns have the remote names.  In the printed text the stand-ins are then
 * replaced by subqueries on the remote tables.  Such a subquery lists only
 * the columns that the query uses; but all columns, in local order, where the
 * text names columns by position (USING and alias lists).  VALUES that travel
 * as arrays are tables of that kind, too.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"

#include "compat/compat.h"
#include "deparse/param_step.h"
#include "deparse/query.h"
#include "deparse/values.h"
#include "ship/sort_name.h"

/* The prefix is longer than any name of a user. */
#define STAND_IN_PREFIX \
	"neon_http_fdw_table_that_stands_in_the_text_as_no_name_of_a_user_can_"

StaticAssertDecl(sizeof(STAND_IN_PREFIX) > NAMEDATALEN,
				 "a name could look like a stand-in");

/* Names of the columns NEON_ROW_CTID, NEON_ROW_TABLEOID, NEON_ROW_VERSION. */
static const char *const identity_names[] = {
	"neon_ctid", "neon_tableoid", "neon_version"
};

/* One foreign table in a FROM list. */
typedef struct TableRef
{
	NeonQueryTable *table;		/* NULL: VALUES that travel as arrays */
	RangeTblEntry *rte;			/* in the copy that is printed */
	Bitmapset  *used;			/* attribute numbers */
	bool		all_columns;	/* the text may name columns by position */
	bool		identity;		/* has the columns of identity_names */
} TableRef;

typedef struct QueryDeparse
{
	NeonRemoteSql *sql;
	List	   *refs;			/* TableRefs; the n-th has stand-in n */
	List	   *queries;		/* stack while walking, innermost first */
} QueryDeparse;

/* ---------- which columns ---------- */

static TableRef *
find_ref(QueryDeparse *deparse, RangeTblEntry *rte)
{
	ListCell   *lc;

	foreach(lc, deparse->refs)
	{
		TableRef   *ref = lfirst(lc);

		if (ref->rte == rte)
			return ref;
	}
	return NULL;
}

/*
 * True if columns of this FROM list may be named by position in the text: in
 * alias lists of tables and joins.  ruleutils makes alias lists of its own
 * when joins merge columns.
 */
static bool
has_positional_columns(Query *query)
{
	ListCell   *lc;

	foreach(lc, query->rtable)
	{
		RangeTblEntry *rte = lfirst_node(RangeTblEntry, lc);

		if (rte->rtekind == RTE_JOIN &&
			(rte->joinmergedcols > 0 || rte->alias != NULL))
			return true;
		if (rte->rtekind == RTE_RELATION && rte->alias != NULL &&
			rte->alias->colnames != NIL)
			return true;
	}
	return false;
}

static void
collect_tables(QueryDeparse *deparse, Query *query)
{
	bool		all_columns = has_positional_columns(query);
	ListCell   *lc;

	foreach(lc, query->rtable)
	{
		RangeTblEntry *rte = lfirst_node(RangeTblEntry, lc);
		TableRef   *ref;

		if (rte->rtekind == RTE_VALUES &&
			neon_are_values_arrays(deparse->sql, rte->values_lists))
		{
			ref = palloc0(sizeof(TableRef));
			ref->rte = rte;
			deparse->refs = lappend(deparse->refs, ref);
			continue;
		}
		if (rte->rtekind != RTE_RELATION ||
			neon_find_table(deparse->sql->ship, rte->relid) == NULL)
			continue;
		ref = palloc0(sizeof(TableRef));
		ref->table = neon_find_table(deparse->sql->ship, rte->relid);
		ref->rte = rte;
		ref->all_columns = all_columns;
		deparse->refs = lappend(deparse->refs, ref);
	}
}

/* Finds the tables at every level, and which columns of them are used. */
static bool
collect_walker(Node *node, QueryDeparse *deparse)
{
	if (node == NULL)
		return false;
	if (IsA(node, Var))
	{
		Var		   *var = (Var *) node;
		Query	   *query;
		TableRef   *ref;

		/* a column of what the expression around all queries is about */
		if (var->varlevelsup >= list_length(deparse->queries))
			return false;
		query = list_nth(deparse->queries, var->varlevelsup);
		ref = find_ref(deparse, rt_fetch(var->varno, query->rtable));
		if (ref != NULL && var->varattno == 0)
			ref->all_columns = true;
		else if (ref != NULL)
			ref->used = bms_add_member(ref->used, var->varattno);
		return false;
	}
	if (IsA(node, Query))
	{
		collect_tables(deparse, (Query *) node);
		deparse->queries = lcons(node, deparse->queries);
		/* has_positional_columns() has seen to joins that list columns */
		(void) query_tree_walker((Query *) node, collect_walker, deparse,
								 QTW_IGNORE_JOINALIASES);
		deparse->queries = list_delete_first(deparse->queries);
		return false;
	}
	return expression_tree_walker(node, collect_walker, deparse);
}

/* ---------- the copy that is printed ---------- */

/* Turns the entry into a reference to a CTE named by its stand-in. */
static void
replace_entry(RangeTblEntry *rte, int number)
{
	rte->rtekind = RTE_CTE;
	rte->ctename = psprintf(STAND_IN_PREFIX "%d", number);
	rte->ctelevelsup = 0;
	rte->self_reference = false;
}

static void
replace_table(TableRef *ref, int number)
{
	RangeTblEntry *rte = ref->rte;
	NeonRemoteColumns *columns = ref->table->columns;
	char	   *name = rte->alias != NULL ?
		rte->alias->aliasname : get_rel_name(rte->relid);
	List	   *colnames = NIL;
	int			i;

	for (i = 0; i < columns->natts; i++)
		colnames = lappend(colnames,
						   makeString(columns->names[i] != NULL ?
									  pstrdup(columns->names[i]) :
									  pstrdup("")));
	for (i = 0; ref->identity && i < lengthof(identity_names); i++)
		colnames = lappend(colnames, makeString(pstrdup(identity_names[i])));
	rte->eref = makeAlias(name, colnames);
	replace_entry(rte, number);
}

/* ---------- the text ---------- */

static void
append_table(NeonRemoteSql *sql, TableRef *ref)
{
	NeonRemoteColumns *columns = ref->table->columns;
	bool		first = true;
	int			i;

	appendStringInfoString(&sql->text, "(SELECT ");
	for (i = 0; i < columns->natts; i++)
	{
		if (columns->names[i] == NULL ||
			!(ref->all_columns || bms_is_member(i + 1, ref->used)))
			continue;
		appendStringInfo(&sql->text, "%s%s", first ? "" : ", ",
						 quote_identifier(columns->names[i]));
		first = false;
	}
	if (ref->identity)
	{
		appendStringInfo(&sql->text,
						 "%sctid AS %s, tableoid AS %s, " NEON_VERSION_SQL " AS %s",
						 first ? "" : ", ", identity_names[0],
						 identity_names[1], identity_names[2]);
		first = false;
	}
	appendStringInfo(&sql->text, "%sFROM %s)", first ? "" : " ",
					 quote_qualified_identifier(ref->table->options->schema_name,
												ref->table->options->table_name));
}

/* For neon_sql_append_printed(): a word that may be a stand-in. */
static const char *
replace_stand_in(NeonRemoteSql *sql, const char *word, void *arg)
{
	QueryDeparse *deparse = arg;
	TableRef   *ref;
	char	   *end;
	long		number;

	if (strncmp(word, STAND_IN_PREFIX, strlen(STAND_IN_PREFIX)) != 0)
		return NULL;
	number = strtol(word + strlen(STAND_IN_PREFIX), &end, 10);
	/* a remote name is an option and can be as long as a stand-in */
	if (number < 1 || number > list_length(deparse->refs))
		return NULL;
	ref = list_nth(deparse->refs, number - 1);
	if (ref->table == NULL)
		neon_sql_append_arrays(sql, ref->rte->values_lists,
							   ref->rte->eref->colnames);
	else
		append_table(sql, ref);
	return end;
}

void
neon_sql_append_expr_with_queries(NeonRemoteSql *sql, Node *expr)
{
	QueryDeparse deparse = {0};
	int			number = 0;
	ListCell   *lc;

	expr = neon_sql_take_params(sql, expr);
	deparse.sql = sql;
	(void) collect_walker(expr, &deparse);
	foreach(lc, deparse.refs)
		replace_table(lfirst(lc), ++number);
	neon_sql_append_printed(sql, deparse_expression(expr, sql->names,
													sql->with_alias, true),
							replace_stand_in, &deparse);
}

void
neon_sql_append_query(NeonRemoteSql *sql, Query *query)
{
	neon_sql_append_source(sql, query, 0);
}

void
neon_sql_append_source(NeonRemoteSql *sql, Query *query, Index target)
{
	QueryDeparse deparse = {0};
	Query	   *copy;
	int			number = 0;
	int			level;
	char	   *printed;
	ListCell   *lc;

	copy = castNode(Query, neon_sql_take_params(sql, (Node *) query));

	deparse.sql = sql;
	(void) collect_walker((Node *) copy, &deparse);
	if (target > 0)
		find_ref(&deparse, rt_fetch(target, copy->rtable))->identity = true;
	foreach(lc, deparse.refs)
	{
		TableRef   *ref = lfirst(lc);

		number++;
		if (ref->table == NULL)
			replace_entry(ref->rte, number);
		else
			replace_table(ref, number);
	}
	neon_free_sort_names(copy);

	level = neon_sql_begin_print(sql);
	printed = pg_get_querydef(copy, false);
	neon_sql_end_print(level);
	while (isspace((unsigned char) *printed))
		printed++;
	neon_sql_append_printed(sql, printed, replace_stand_in, &deparse);
}
