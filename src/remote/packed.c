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
#include "remote/param_text.h"

/*
 * Parameters in one array.  PostgreSQL finds an element of an array of texts
 * by walking over all elements before it, so arrays are kept short.  That is
 * enough for three million parameters.
 */
#define PACK	100

/* Appends an element of an array, such as "($3::text[])[15]" for $215. */
static void
append_element(StringInfo buf, long n, void *arg)
{
	appendStringInfo(buf, "($%ld::text[])[%ld]", (n - 1) / PACK + 1,
					 (n - 1) % PACK + 1);
}

static char *
packed_sql(const char *sql)
{
	StringInfoData buf;

	initStringInfo(&buf);
	neon_replace_params(&buf, sql, append_element, NULL);
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
