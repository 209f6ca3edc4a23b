/*-------------------------------------------------------------------------
 *
 * transaction/turns.c
 *		One statement, again and again with other values, sent as one.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "remote/error.h"
#include "remote/param_text.h"
#include "transaction/turns.h"

/*
 * The setting that hands the values over.  Its prefix is not the extension's
 * own, which is reserved where the extension is loaded on the remote, too.
 */
#define SETTING		"neon_http_queue.values"

/*
 * Names of the block's variables, and its quotes.  A statement in which they
 * occur takes no turns.
 */
#define VALUES		"neon_http_fdw_values"
#define PLACE		"neon_http_fdw_place"
#define COUNT		"neon_http_fdw_count"
#define PREFIX		"neon_http_fdw_"
#define QUOTE		"$neon_http_fdw$"

const char *
neon_turns_values_sql(void)
{
	return "SELECT length(set_config('" SETTING "', $1, true))";
}

/* Appends an element of the array of all turns' values. */
static void
append_value(StringInfo buf, long n, void *arg)
{
	appendStringInfo(buf, VALUES "[" PLACE " + %ld]", n);
}

/* Appends the statement with elements of the array in place of parameters. */
static void
append_statement(StringInfo buf, const char *statement)
{
	neon_replace_params(buf, statement, append_value, NULL);
}

/* Can the statement be a part of the block? */
static bool
can_take_turns(const char *statement, int nparams)
{
	return nparams <= NEON_TURNS_MAX_PARAMS &&
		strstr(statement, PREFIX) == NULL && strstr(statement, QUOTE) == NULL;
}

static void
begin_block(StringInfo buf)
{
	initStringInfo(buf);
	appendStringInfoString(buf, "DO " QUOTE
						   "DECLARE " VALUES " text[] := current_setting('" SETTING "');"
						   " " PLACE " int := 0; " COUNT " bigint;"
						   " BEGIN WHILE " PLACE " < cardinality(" VALUES ") LOOP ");
}

/* Ends the block; each turn takes the next nvalues of the array. */
static char *
end_block(StringInfo buf, int nvalues)
{
	appendStringInfo(buf, " " PLACE " := " PLACE " + %d; END LOOP; END " QUOTE,
					 nvalues);
	return buf->data;
}

char *
neon_turns_sql(const char *statement, int nparams, const char *why)
{
	StringInfoData buf;
	char	   *message = psprintf(NEON_CHECK_PREFIX "%s", why);

	if (!can_take_turns(statement, nparams) || strstr(why, QUOTE) != NULL)
		return NULL;
	begin_block(&buf);
	append_statement(&buf, statement);
	appendStringInfo(&buf, "; GET DIAGNOSTICS " COUNT " = ROW_COUNT;"
					 " IF " COUNT " <> " VALUES "[" PLACE " + %d]::bigint THEN"
					 " RAISE invalid_text_representation USING MESSAGE = %s;"
					 " END IF;",
					 nparams + 1, quote_literal_cstr(message));
	return end_block(&buf, nparams + 1);
}

/* PL/pgSQL takes the INTO of a SELECT anywhere in the statement. */
char *
neon_turns_check_sql(const char *check, int nparams)
{
	StringInfoData buf;

	if (!can_take_turns(check, nparams))
		return NULL;
	begin_block(&buf);
	append_statement(&buf, check);
	appendStringInfoString(&buf, " INTO " COUNT ";");
	return end_block(&buf, nparams);
}
