/*-------------------------------------------------------------------------
 *
 * modify/pin_defaults.c
 *		Commit the values that DEFAULT gave to changed rows in a rehearsal.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/memutils.h"

#include "modify/pin_defaults.h"
#include "option/table_cache.h"
#include "remote/array_text.h"
#include "remote/row_text.h"

/* The columns that a row of the shape has DEFAULT for. */
static List *
default_columns(List *shape)
{
	List	   *columns = NIL;
	ListCell   *lc;

	foreach(lc, shape)
	{
		if (lfirst_int(lc) < 0)
			columns = lappend_int(columns, -lfirst_int(lc));
	}
	return columns;
}

void
neon_given_defaults_init(NeonGivenDefaults *given, NeonModify *modify,
						 const NeonRows *rows)
{
	int			n = list_length(rows->shape) - neon_shape_values(rows->shape);

	memset(given, 0, sizeof(NeonGivenDefaults));
	given->modify = modify;
	given->shape = rows->shape;
	given->nrows = rows->count;
	given->width = n > 0 ? n + 1 : 0;
	given->values = palloc_extended(rows->count * n * sizeof(char *),
									MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/*
 * An identity column that is GENERATED ALWAYS, or a generated one, takes
 * nothing but DEFAULT.  Only the remote knows which ones are.
 */
char *
neon_given_defaults_sql(const NeonGivenDefaults *given)
{
	const NeonModify *modify = given->modify;
	const NeonTable *table = neon_table(RelationGetRelid(modify->rel));
	List	   *columns = default_columns(given->shape);
	StringInfoData buf;
	char	   *names;
	ListCell   *lc;

	if (columns == NIL)
		return "";
	initStringInfo(&buf);
	foreach(lc, columns)
		appendStringInfo(&buf, ", r.%s", modify->sql.names[lfirst_int(lc) - 1]);
	names = quote_literal_cstr(neon_array_of_names(table->columns, columns));
	appendStringInfo(&buf,
					 ", (SELECT string_agg(CASE WHEN attidentity = 'a' OR attgenerated <> ''"
					 " THEN 'f' ELSE 't' END, '' ORDER BY array_position(%s::text[], attname::text))"
					 " FROM pg_attribute WHERE attrelid = %s::regclass"
					 " AND attname = ANY (%s::text[]))", names,
					 quote_literal_cstr(modify->sql.table), names);
	return buf.data;
}

/* Keeps what DEFAULT gave to row number n, from cell number first on. */
static void
keep_values(NeonGivenDefaults *given, int64 n, const NeonRow *row, int first)
{
	int			width = given->width - 1;

	for (int i = 0; i < width; i++)
	{
		char	   *value = neon_row_text(row, first + i);

		given->values[n * width + i] = value == NULL ? NULL : pstrdup(value);
	}
	if (given->settable != NULL)
		return;
	given->settable = pstrdup(neon_row_not_null(row, first + width));
	if (strlen(given->settable) != width)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_ERROR),
				 errmsg("remote server does not know the columns of table %s",
						given->modify->sql.table)));
}

int64
neon_given_defaults_take(NeonGivenDefaults *given, const NeonRow *row,
						 int first)
{
	int64		n = strtoll(neon_row_not_null(row, first), NULL, 10) - 1;

	if (n < 0 || n >= given->nrows)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_ERROR),
				 errmsg("remote server returned a row that was not changed")));
	if (given->width > 0)
		keep_values(given, n, row, first + 1);
	given->ntaken++;
	return n;
}

void
neon_given_defaults_end(const NeonGivenDefaults *given)
{
	if (given->ntaken != given->nrows)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("a row was changed by another transaction"),
				 errcontext("foreign table \"%s\"",
							RelationGetRelationName(given->modify->rel))));
}

/* The values of the n-th column that was DEFAULT. */
static void
fill_column(const NeonGivenDefaults *given, int n, StringInfo column)
{
	int			width = given->width - 1;

	initStringInfo(column);
	for (int64 i = 0; i < given->nrows; i++)
		neon_array_append(column, given->values[i * width + n]);
}

void
neon_given_defaults_pin(const NeonGivenDefaults *given, NeonRows *rows)
{
	MemoryContext old;
	StringInfoData *columns;
	List	   *shape = NIL;
	int			ndefaults = 0;
	int			nold = 0;
	int			n = 0;
	ListCell   *lc;

	if (given->settable == NULL)
		return;
	old = MemoryContextSwitchTo(GetMemoryChunkContext(rows->columns));
	columns = palloc(sizeof(StringInfoData) *
					 (rows->ncolumns + given->width));
	foreach(lc, given->shape)
	{
		int			attnum = lfirst_int(lc);

		if (attnum > 0)
			columns[n++] = rows->columns[nold++];
		else if (given->settable[ndefaults++] == 't')
		{
			attnum = -attnum;
			fill_column(given, ndefaults - 1, &columns[n++]);
		}
		shape = lappend_int(shape, attnum);
	}
	while (nold < rows->ncolumns)
		columns[n++] = rows->columns[nold++];
	rows->shape = shape;
	rows->columns = columns;
	rows->ncolumns = n;
	MemoryContextSwitchTo(old);
}
