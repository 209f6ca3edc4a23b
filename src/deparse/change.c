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
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "deparse/change.h"
#include "deparse/check.h"
#include "deparse/pin_sql.h"
#include "deparse/query.h"
#include "deparse/versions.h"
#include "remote/array_text.h"
#include "ship/default_value.h"
#include "ship/row_key.h"

#define CHANGED	"a row that this transaction changes was changed by another one"
#define CHANGED_DEFAULT \
	CHANGED ", or DEFAULT gives it another value than before"

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
	List	   *targets = query->commandType == CMD_UPDATE ?
		query->targetList : NIL;
	Query	   *source = copyObject(deparse->write->source);
	StringInfo	text = &deparse->sql.text;
	StringInfoData values;
	ListCell   *lc;

	add_identity(source, query->resultRelation,
				 NEON_ROW_TABLEOID(deparse->columns), OIDOID);
	add_identity(source, query->resultRelation,
				 NEON_ROW_CTID(deparse->columns), TIDOID);
	add_identity(source, query->resultRelation,
				 NEON_ROW_VERSION(deparse->columns), TEXTOID);
	initStringInfo(&values);
	foreach(lc, targets)
	{
		Expr	   *expr = lfirst_node(TargetEntry, lc)->expr;

		if (neon_is_default(query, (Node *) expr))
			continue;
		add_target(source, copyObject(expr));
		appendStringInfo(&values, ", v%d", foreach_current_index(lc) + 1);
	}
	foreach(lc, deparse->foreign)
	{
		add_target(source, (Expr *) copyObject(lfirst(lc)));
		appendStringInfo(&values, ", f%d", foreach_current_index(lc) + 1);
	}

	appendStringInfoChar(text, '(');
	neon_sql_append_source(&deparse->sql, source, query->resultRelation);
	appendStringInfo(text, ") AS s (o, c, x%s)", values.data);
}

/* Does an UPDATE assign a value to the column? */
static bool
is_assigned(NeonWriteDeparse *deparse, AttrNumber attnum)
{
	ListCell   *lc;

	foreach(lc, deparse->query->targetList)
	{
		if (lfirst_node(TargetEntry, lc)->resno == attnum)
			return true;
	}
	return false;
}

/*
 * The condition that p, a row as a rehearsal left it, has the target's key.
 * "" if there is no key that the statement leaves as it is.
 */
static char *
same_key(NeonWriteDeparse *deparse)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 0; i < deparse->columns->natts; i++)
	{
		const char *column;

		if (!deparse->columns->key[i])
			continue;
		if (is_assigned(deparse, i + 1))
			return "";
		column = neon_frame_column(deparse, i + 1);
		appendStringInfo(&buf, " AND " NEON_TARGET ".%s = (p.r).%s", column,
						 column);
	}
	return buf.data;
}

/*
 * "UPDATE t AS r1 SET ... FROM source WHERE ..."; source is what
 * append_source() has printed.  With pins, values of DEFAULT come from p: the
 * rows of a rehearsal, by their versions before it, and by their keys: rows
 * that the transaction has written itself have all the same version.
 */
static void
append_joined(NeonWriteDeparse *deparse, const char *source, bool pins)
{
	Query	   *query = deparse->query;
	const char *table = deparse->result->table;
	StringInfo	text = &deparse->sql.text;
	int			nparams = list_length(deparse->sql.params);
	int			n = 0;
	ListCell   *lc;

	if (query->commandType == CMD_DELETE)
		appendStringInfo(text, "DELETE FROM %s AS " NEON_TARGET " USING ",
						 table);
	else
	{
		appendStringInfo(text, "UPDATE %s AS " NEON_TARGET " SET ", table);
		foreach(lc, query->targetList)
		{
			TargetEntry *tle = lfirst_node(TargetEntry, lc);
			const char *column = neon_frame_column(deparse, tle->resno);

			appendStringInfo(text, "%s%s = ", n > 0 ? ", " : "", column);
			n++;
			if (!neon_is_default(query, (Node *) tle->expr))
				appendStringInfo(text, "s.v%d", n);
			else if (pins)
				appendStringInfo(text, "(p.r).%s", column);
			else
				appendStringInfoString(text, "DEFAULT");
		}
		appendStringInfoString(text, " FROM ");
	}
	appendStringInfoString(text, source);
	if (pins)
		appendStringInfo(text, ", (SELECT u.x, u.t::%s AS r"
						 " FROM unnest($%d::text[], $%d::text[]) AS u (x, t)"
						 " OFFSET 0) AS p", table, nparams + 2, nparams + 3);
	appendStringInfoString(text, " WHERE " NEON_TARGET ".ctid = s.c AND "
						   NEON_TARGET ".tableoid = s.o");
	if (pins)
		appendStringInfo(text, " AND p.x = s.x%s", same_key(deparse));
}

/* The remote's names of the columns that are set to DEFAULT; NIL: none. */
static List *
default_columns(NeonWriteDeparse *deparse)
{
	List	   *names = NIL;
	ListCell   *lc;

	if (deparse->query->commandType != CMD_UPDATE)
		return NIL;
	foreach(lc, deparse->query->targetList)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		if (neon_is_default(deparse->query, (Node *) tle->expr))
			names = lappend(names,
							deparse->columns->names[tle->resno - 1]);
	}
	return names;
}

/*
 * The written row as text, null if one of the columns takes nothing but
 * DEFAULT: such an identity column, or a generated one.
 */
static char *
pinnable_row(NeonWriteDeparse *deparse, List *names)
{
	StringInfoData array;
	ListCell   *lc;

	initStringInfo(&array);
	foreach(lc, names)
		neon_array_append(&array, lfirst(lc));
	neon_array_end(&array);
	return psprintf("CASE WHEN NOT EXISTS (SELECT FROM pg_attribute"
					" WHERE attrelid = %s::regclass"
					" AND attname = ANY (%s::text[])"
					" AND (attidentity = 'a' OR attgenerated <> ''))"
					" THEN %s END",
					quote_literal_cstr(deparse->result->table),
					quote_literal_cstr(array.data),
					neon_pin_row_sql(NEON_TARGET));
}

/* "ROW (r1.a, r1.b)::text": the columns that were set to DEFAULT. */
static char *
default_values(const char *row, List *names)
{
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	appendStringInfoString(&buf, "ROW(");
	foreach(lc, names)
		appendStringInfo(&buf, "%s%s.%s", lc == list_head(names) ? "" : ", ",
						 row, quote_identifier(lfirst(lc)));
	appendStringInfoString(&buf, ")::text");
	return buf.data;
}

/*
 * The commit of what cannot be pinned.  Where the rows of the rehearsal are
 * given behind their versions, DEFAULT must give the same values once more.
 */
static void
set_unpinned_commit(NeonWriteDeparse *deparse, const char *source,
					List *defaults)
{
	int			nparams = list_length(deparse->sql.params);
	char	   *same;

	append_joined(deparse, source, false);
	appendStringInfo(&deparse->sql.text, " RETURNING s.x, %s AS d",
					 default_values(NEON_TARGET, defaults));
	same = psprintf(" AND ($%d::text[] IS NULL OR"
					" array_agg(w.d ORDER BY w.d COLLATE \"C\")"
					" = (SELECT array_agg(z.d ORDER BY z.d COLLATE \"C\") FROM"
					" (SELECT %s AS d FROM (SELECT u.t::%s AS r"
					" FROM unnest($%d::text[]) AS u (t) OFFSET 0) AS p) AS z))",
					nparams + 3, default_values("(p.r)", defaults),
					deparse->result->table, nparams + 3);
	deparse->result->commit =
		neon_check_sql(neon_frame_take(deparse, false, NULL),
					   psprintf("%s%s", neon_check_versions("x", nparams), same),
					   CHANGED_DEFAULT);
}

/*
 * Fills in what is rehearsed, and what is committed: with RETURNING the
 * statement itself, and besides versions and pinned rows.
 */
static void
set_versions(NeonWriteDeparse *deparse, const char *source, List *defaults)
{
	NeonWriteSql *result = deparse->result;
	char	   *condition =
		neon_check_versions("x", list_length(deparse->sql.params));

	result->form = defaults != NIL ? NEON_COMMIT_DEFAULTS :
		NEON_COMMIT_VERSIONS;
	append_joined(deparse, source, false);
	result->rehearsal =
		neon_frame_take(deparse, true, defaults == NIL ? "s.x" :
						psprintf("s.x, %s", pinnable_row(deparse, defaults)));
	append_joined(deparse, source, defaults != NIL);
	appendStringInfoString(&deparse->sql.text, " RETURNING s.x");
	result->commit = neon_check_sql(neon_frame_take(deparse, false, NULL),
									condition, CHANGED);
	if (defaults == NIL)
		return;
	result->pinned = result->commit;
	result->pins_own = same_key(deparse)[0] != '\0';
	set_unpinned_commit(deparse, source, defaults);
}

void
neon_print_change(NeonWriteDeparse *deparse)
{
	NeonWriteSql *result = deparse->result;
	Query	   *query = deparse->query;
	bool		returning = query->returningList != NIL;
	List	   *defaults = default_columns(deparse);
	bool		versions = returning || defaults != NIL || !neon_row_is_fixed(deparse->write);
	bool		both = neon_versions_wanted() && !versions;
	char	   *source = NULL;

	/*
	 * The source stands in several forms, but is printed once: each time it
	 * would take new parameters for the rows of VALUES.
	 */
	if (versions || both || !deparse->write->simple)
	{
		append_source(deparse);
		source = neon_frame_take(deparse, false, NULL);
	}
	if (deparse->write->simple)
		append_simple(deparse);
	else
		append_joined(deparse, source, false);
	result->now = neon_frame_take(deparse, returning, NULL);
	if (versions || both)
		set_versions(deparse, source, defaults);
	if (versions)
		return;
	if (both)
	{
		result->versioned = result->rehearsal;
		result->versioned_commit = result->commit;
	}
	result->form = NEON_COMMIT_COUNT;
	result->rehearsal = result->now;
	result->commit =
		neon_check_sql(psprintf("%s RETURNING 1", result->now),
					   psprintf("count(*) = $%d::bigint",
								list_length(deparse->sql.params) + 1),
					   CHANGED);
}
