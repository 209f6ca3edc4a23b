/*-------------------------------------------------------------------------
 *
 * remote/param_text.c
 *		Parameters in the text of a statement: where they stand.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "remote/param_text.h"

bool
neon_at_word_start(const char *sql, const char *p)
{
	return p == sql ||
		!(isalnum((unsigned char) p[-1]) || p[-1] == '_' || p[-1] == '$' ||
		  IS_HIGHBIT_SET(p[-1]));
}

const char *
neon_skip_quoted(const char *p)
{
	const char *end = strchr(p + 1, *p);

	if (end == NULL)
		elog(ERROR, "unterminated quote in the text of a remote statement");
	return end + 1;
}

void
neon_replace_params(StringInfo buf, const char *sql, NeonAppendParam append,
					void *arg)
{
	const char *p = sql;

	while (*p != '\0')
	{
		const char *end = p + 1;

		if (*p == '"' || *p == '\'')
			end = neon_skip_quoted(p);
		else if (*p == '$' && isdigit((unsigned char) p[1]) &&
				 neon_at_word_start(sql, p))
		{
			append(buf, strtol(p + 1, unconstify(char **, &end), 10), arg);
			p = end;
			continue;
		}
		appendBinaryStringInfo(buf, p, end - p);
		p = end;
	}
}
