/*-------------------------------------------------------------------------
 *
 * transaction/turns.c
 *		One statement, again and again with other values, in one statement.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "remote/error.h"
#include "transaction/turns.h"

/* Not with this extension's own prefix: that may be reserved on the remote. */
#define SETTING		"neon_http_queue.values"

/* Names that no column has; the block's quotes, that no name contains. */
#define VALUES		"neon_http_fdw_values"
#define PLACE		"neon_http_fdw_place"
#define COUNT		"neon_http_fdw_count"
#define QUOTE		"$neon_http_fdw$"

const char *
neon_loop_values_sql(void)
{
	return "SELECT length(set_config('" SETTING "', $1, true))";
}

/* Appends the statement, its parameters replaced by elements of the array. */
static void
append_statement(StringInfo buf, const char *statement)
{
	const char *p = statement;

	while (*p != '\0')
	{
		const char *end = p + 1;

		if (*p == '"' || *p == '\'')
			end = strchr(p + 1, *p) + 1;
		else if (*p == '$' && isdigit((unsigned char) p[1]))
		{
			long		n = strtol(p + 1, unconstify(char **, &end), 10);

			appendStringInfo(buf, VALUES "[" PLACE " + %ld]", n);
			p = end;
			continue;
		}
		appendBinaryStringInfo(buf, p, end - p);
		p = end;
	}
}

char *
neon_loop_sql(const char *statement, int nparams, const char *why)
{
	StringInfoData buf;

	if (nparams > NEON_LOOP_MAX_PARAMS ||
		strstr(statement, "neon_http_fdw_") != NULL ||
		strstr(statement, QUOTE) != NULL)
		return NULL;
	initStringInfo(&buf);
	appendStringInfoString(&buf, "DO " QUOTE
						   "DECLARE " VALUES " text[] := current_setting('" SETTING "');"
						   " " PLACE " int := 0; " COUNT " bigint;"
						   " BEGIN WHILE " PLACE " < cardinality(" VALUES ") LOOP ");
	append_statement(&buf, statement);
	appendStringInfo(&buf, "; GET DIAGNOSTICS " COUNT " = ROW_COUNT;"
					 " IF " COUNT " <> " VALUES "[" PLACE " + %d]::bigint THEN"
					 " RAISE invalid_text_representation USING MESSAGE = '"
					 NEON_CHECK_PREFIX "%s'; END IF;"
					 " " PLACE " := " PLACE " + %d; END LOOP; END " QUOTE,
					 nparams + 1, why, nparams + 1);
	return buf.data;
}
