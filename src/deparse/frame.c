/*-------------------------------------------------------------------------
 *
 * deparse/frame.c
 *		What printing INSERT shares with printing UPDATE and DELETE.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "utils/builtins.h"

#include "deparse/frame.h"
#include "deparse/query.h"
#include "ship/default_value.h"

const char *
neon_frame_column(NeonWriteDeparse *deparse, AttrNumber attno)
{
	return quote_identifier(deparse->columns->names[attno - 1]);
}

void
neon_frame_append_assignments(NeonWriteDeparse *deparse, List *targets)
{
	ListCell   *lc;

	foreach(lc, targets)
	{
		TargetEntry *tle = lfirst_node(TargetEntry, lc);

		appendStringInfo(&deparse->sql.text, "%s%s = ",
						 lc == list_head(targets) ? "" : ", ",
						 neon_frame_column(deparse, tle->resno));
		if (neon_is_default(deparse->query, (Node *) tle->expr))
			appendStringInfoString(&deparse->sql.text, "DEFAULT");
		else
			neon_sql_append_expr_with_queries(&deparse->sql,
											  (Node *) tle->expr);
	}
}

void
neon_frame_append_returning(NeonWriteDeparse *deparse, const char *more)
{
	StringInfo	text = &deparse->sql.text;
	const char *separator = " RETURNING ";
	int			nforeign = 0;
	ListCell   *lc;

	foreach(lc, deparse->result->returned)
	{
		Var		   *var = lfirst_node(Var, lc);

		if (var->varattno == MaxTransactionIdAttributeNumber)
			appendStringInfo(text, "%sCASE WHEN " NEON_TARGET
							 ".xmax = 0 THEN '0' ELSE '1' END", separator);
		else if (var->varno == deparse->query->resultRelation)
			appendStringInfo(text, "%s" NEON_TARGET ".%s", separator,
							 neon_frame_column(deparse, var->varattno));
		else
			appendStringInfo(text, "%ss.f%d", separator, ++nforeign);
		separator = ", ";
	}
	if (more != NULL)
		appendStringInfo(text, "%s%s", separator, more);
	else if (deparse->result->returned == NIL &&
			 deparse->query->returningList != NIL)
		appendStringInfo(text, " RETURNING NULL");
}

char *
neon_frame_take(NeonWriteDeparse *deparse, bool returning, const char *more)
{
	char	   *text;

	if (returning)
		neon_frame_append_returning(deparse, more);
	text = deparse->sql.text.data;
	initStringInfo(&deparse->sql.text);
	return text;
}
