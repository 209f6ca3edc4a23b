/*-------------------------------------------------------------------------
 *
 * deparse/check.c
 *		A statement that fails unless what it did is what was expected.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "deparse/check.h"
#include "remote/error.h"

/*
 * The failure must depend on what the statement returns when it runs:
 * PostgreSQL would evaluate the cast of a constant when it plans.
 */
char *
neon_check_sql(const char *sql, const char *condition, const char *why)
{
	char	   *message = psprintf(NEON_CHECK_PREFIX "%s", why);

	return psprintf("WITH w AS (%s) SELECT (CASE WHEN %s THEN '0' ELSE %s"
					" END)::int FROM w",
					sql, condition, quote_literal_cstr(message));
}

char *
neon_check_versions(const char *column, int nparams)
{
	return psprintf("count(*) = $%d::bigint AND"
					" coalesce(array_agg(w.%s ORDER BY w.%s COLLATE \"C\"), '{}')"
					" = (SELECT coalesce(array_agg(u ORDER BY u COLLATE \"C\"), '{}')"
					" FROM unnest($%d::text[]) AS u)",
					nparams + 1, column, column, nparams + 2);
}
