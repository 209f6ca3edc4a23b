/*-------------------------------------------------------------------------
 *
 * deparse/deparse.c
 *		Print statements for the remote.
 *
 * An expression is printed in three steps.  First, every maximal subtree that
 * is a value of the local session is replaced by an external Param.  Then
 * ruleutils prints the rest against a throw-away range table that holds the
 * remote names.  Last, each $n in the text gets a cast that tells the remote
 * its type; ruleutils cannot do that, for it knows only the local name of the
 * type.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "catalog/namespace.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/plannodes.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"

#include "compat/compat.h"
#include "deparse/deparse.h"
#include "deparse/extension_schema.h"
#include "deparse/local_setting.h"
#include "deparse/param_step.h"
#include "remote/param_text.h"

void
neon_sql_append_param(NeonRemoteSql *sql, Node *expr)
{
	neon_sql_append_printed(sql, psprintf("$%d", neon_sql_new_param(sql, expr)), NULL,
							NULL);
}

/* Finds the columns of one relation that expressions use, at any level. */
typedef struct UsedWalk
{
	Index		relid;
	int			level;
	Bitmapset  *used;
} UsedWalk;

static bool
used_walker(Node *node, UsedWalk *walk)
{
	if (node == NULL)
		return false;
	if (IsA(node, Var))
	{
		Var		   *var = (Var *) node;

		if (var->varno == walk->relid && var->varlevelsup == walk->level)
			walk->used = bms_add_member(walk->used, var->varattno -
										FirstLowInvalidHeapAttributeNumber);
		return false;
	}
	if (IsA(node, Query))
	{
		walk->level++;
		(void) query_tree_walker((Query *) node, used_walker, walk, 0);
		walk->level--;
		return false;
	}
	return expression_tree_walker(node, used_walker, walk);
}

/* Names of one relation's columns; empty names for those not in used. */
static List *
column_names(NeonRemoteColumns *columns, Bitmapset *used)
{
	List	   *names = NIL;
	int			i;

	for (i = 1; i <= columns->natts; i++)
	{
		bool		wanted = bms_is_member(i - FirstLowInvalidHeapAttributeNumber,
										   used);
		char	   *name = columns->names[i - 1];

		names = lappend(names,
						makeString(wanted && name ? pstrdup(name) : pstrdup("")));
	}
	return lappend(names, makeString(pstrdup("ctid")));
}

/*
 * A deparse context over the remote relations.  Each of them is an RTE_CTE
 * entry, because of these ruleutils looks at nothing but the names.
 * ruleutils makes the names of columns unique, which takes long for wide
 * tables: only the columns that exprs uses are named.
 */
static List *
remote_context(NeonShipContext *ship, Node *exprs)
{
	PlannedStmt *stmt = makeNode(PlannedStmt);
	List	   *names = NIL;
	int			relid = -1;

	while ((relid = bms_next_member(ship->relids, relid)) >= 0)
	{
		RangeTblEntry *rte = makeNode(RangeTblEntry);
		UsedWalk	walk = {relid};
		char	   *alias = relid == ship->excluded ? pstrdup("excluded") :
			psprintf("r%d", list_length(names) + 1);

		(void) used_walker(exprs, &walk);
		rte->rtekind = RTE_CTE;
		rte->ctename = alias;
		rte->eref = makeAlias(alias, column_names(ship->columns[relid], walk.used));
		stmt->rtable = lappend(stmt->rtable, rte);
		names = lappend(names, alias);
	}
	return deparse_context_for_plan_tree(stmt, names);
}

/*
 * Appends a parameter with the cast to its type.  FETCH FIRST takes no
 * operator without parentheses, so its parameter has the long form of a cast.
 */
static const char *
append_param(NeonRemoteSql *sql, const char *word)
{
	static const char fetch[] = "FETCH FIRST ";
	StringInfo	text = &sql->text;
	char	   *end;
	long		n = strtol(word + 1, &end, 10);
	const char *type;

	type = neon_remote_type_name(sql->ship->extensions, sql->ship->types,
								 exprType(list_nth(sql->params, n - 1)));
	if (text->len >= strlen(fetch) &&
		strcmp(text->data + text->len - strlen(fetch), fetch) == 0)
		appendStringInfo(text, "CAST($%ld AS %s)", n, type);
	else
		appendStringInfo(text, "$%ld::%s", n, type);
	return end;
}

void
neon_sql_append_printed(NeonRemoteSql *sql, const char *printed,
						NeonReplaceWord replace, void *arg)
{
	const char *p = printed;

	while (*p != '\0')
	{
		const char *end = NULL;

		if (sql->ship->extension_schemas != NIL && *p != '\'' &&
			neon_at_word_start(printed, p))
			end = neon_append_extension_schema(&sql->text, printed, p,
											   sql->ship->extension_schemas);
		if (end != NULL)
		{
			p = end;
			continue;
		}
		if (*p == '"' || *p == '\'')
		{
			end = neon_skip_quoted(p);
			appendBinaryStringInfo(&sql->text, p, end - p);
		}
		else if (neon_at_word_start(printed, p))
		{
			if (*p == '$' && isdigit((unsigned char) p[1]))
				end = append_param(sql, p);
			else if (replace != NULL)
				end = replace(sql, p, arg);
		}
		if (end == NULL)
			appendStringInfoChar(&sql->text, *p++);
		else
			p = end;
	}
}

/*
 * The remote resolves names in pg_catalog alone.  Only objects of extensions
 * can be in other schemas, so without these the local search_path may stay as
 * it is.  The words that neon_sql_append_printed() looks for in the text must
 * not be quoted.
 */
int
neon_sql_begin_print(NeonRemoteSql *sql)
{
	int			level = NEON_NOTHING_SET;

	if (sql->ship->extensions != NIL)
		neon_local_setting(&level, "search_path", "pg_catalog");
	if (quote_all_identifiers)
		neon_local_setting(&level, "quote_all_identifiers", "off");
	return level;
}

void
neon_sql_end_print(int level)
{
	neon_local_settings_end(level);
}

void
neon_sql_name_columns(NeonRemoteSql *sql, List *exprs, bool with_alias)
{
	sql->with_alias = with_alias;
	sql->names = remote_context(sql->ship, (Node *) exprs);
}

/*
 * Implicit casts are printed.  By default ruleutils leaves out an implicit
 * cast that is the outermost node, because the parser would add it again.  But
 * the cast may be that of the result of an inlined SQL function, which nothing
 * else in the text tells of: without it, values, groups and order would be
 * those of another type.
 */
void
neon_sql_append_expr(NeonRemoteSql *sql, Node *expr)
{
	expr = neon_sql_take_params(sql, expr);
	neon_sql_append_printed(sql, deparse_expression(expr, sql->names,
													sql->with_alias, true),
							NULL, NULL);
}

void
neon_sql_append_conditions(NeonRemoteSql *sql, List *exprs, bool with_alias)
{
	int			level = neon_sql_begin_print(sql);
	ListCell   *lc;

	neon_sql_name_columns(sql, exprs, with_alias);
	foreach(lc, exprs)
	{
		if (lc != list_head(exprs))
			appendStringInfoString(&sql->text, " AND ");
		/* ruleutils puts parentheses around whatever needs them */
		neon_sql_append_expr(sql, lfirst(lc));
	}
	neon_sql_end_print(level);
}
