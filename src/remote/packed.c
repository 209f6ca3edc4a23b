/*-------------------------------------------------------------------------
 *
 * remote/packed.c
 *		Statements with more parameters than the endpoint takes.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "remote/array_text.h"
#include "remote/packed.h"

/*
 * Parameters in one array.  PostgreSQL finds an element of an array of texts
 * by walking over all elements before it, so arrays are kept short.  That is
 * enough for three million parameters.
 */
#define PACK	100

/* Is p at the start of a name, number or parameter? */
static bool
at_word_start(const char *sql, const char *p)
{
	return p == sql ||
		!(isalnum((unsigned char) p[-1]) || p[-1] == '_' || p[-1] == '$' ||
		  IS_HIGHBIT_SET(p[-1]));
}

/* The text with "($3::text[])[15]" in the place of $215. */
static char *
packed_sql(const char *sql)
{
	StringInfoData buf;
	const char *p = sql;

	initStringInfo(&buf);
	while (*p != '\0')
	{
		const char *end = p + 1;

		if (*p == '"' || *p == '\'')
		{
			/* A doubled quote reads as the end and a new start. */
			end = strchr(p + 1, *p);
			if (end == NULL)
				elog(ERROR, "unterminated quote in a remote statement");
			end++;
		}
		else if (*p == '$' && isdigit((unsigned char) p[1]) &&
				 at_word_start(sql, p))
		{
			long		n = strtol(p + 1, unconstify(char **, &end), 10) - 1;

			appendStringInfo(&buf, "($%ld::text[])[%ld]", n / PACK + 1,
							 n % PACK + 1);
			p = end;
			continue;
		}
		appendBinaryStringInfo(&buf, p, end - p);
		p = end;
	}
	return buf.data;
}

NeonQuery
neon_packed_query(const NeonQuery *query)
{
	NeonQuery	packed = *query;
	const char **params;

	if (query->nparams <= NEON_MAX_PARAMS)
		return packed;
	packed.sql = packed_sql(query->sql);
	packed.nparams = (query->nparams + PACK - 1) / PACK;
	params = palloc(packed.nparams * sizeof(char *));
	for (int i = 0; i < packed.nparams; i++)
	{
		StringInfoData array;

		initStringInfo(&array);
		for (int j = i * PACK; j < Min((i + 1) * PACK, query->nparams); j++)
			neon_array_append(&array, query->params[j]);
		neon_array_end(&array);
		params[i] = array.data;
	}
	packed.params = params;
	return packed;
}
