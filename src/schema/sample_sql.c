/*-------------------------------------------------------------------------
 *
 * schema/sample_sql.c
 *		Statements that draw a random sample of a relation on the remote.
 *
 * A sample must fit into one reply, whatever the rows are like.  So the
 * remote sums up what each row takes, and stops when the room is used up: a
 * little earlier than it must, if a row would not fit.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#include "compat/compat.h"
#include "option/option.h"
#include "option/remote_columns.h"
#include "schema/sample_sql.h"

/*
 * ANALYZE does not look into values of more than 1 kB (WIDTH_THRESHOLD in
 * PostgreSQL's commands/analyze.c).  That is the size in memory; the text form
 * may be longer, so its limit leaves some room.
 */
#define WIDE_STORED		"1024"
#define WIDE_AS_TEXT	"2048"

#define WIDE_TEXT		"repeat('x', 1025)"
#define WIDE_JSON		"'\"' || " WIDE_TEXT " || '\"'"
#define WIDE_BYTEA		"'\\x' || repeat('00', 1025)"

/*
 * What may stand for a wide value of the type, NULL if nothing may.  Extended
 * statistics need the values themselves.
 */
static const char *
wide_value(Relation relation, Oid type)
{
	if (RelationGetStatExtList(relation) != NIL)
		return NULL;
	switch (type)
	{
		case TEXTOID:
		case VARCHAROID:
			return WIDE_TEXT;
		case JSONOID:
		case JSONBOID:
			return WIDE_JSON;
		case BYTEAOID:
			return WIDE_BYTEA;
		default:
			return NULL;
	}
}

void
neon_sample_source_init(NeonSampleSource *source, Relation relation)
{
	TupleDesc	desc = RelationGetDescr(relation);
	NeonTableOptions *table = neon_table_options(RelationGetRelid(relation));
	NeonRemoteColumns *columns =
		neon_remote_columns(RelationGetRelid(relation));

	memset(source, 0, sizeof(NeonSampleSource));
	source->table = quote_qualified_identifier(table->schema_name,
											   table->table_name);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attr = TupleDescAttr(desc, i);

		if (attr->attisdropped)
			continue;
		source->columns = lappend_int(source->columns, i + 1);
		source->names = lappend(source->names,
								unconstify(char *, quote_identifier(columns->names[i])));
		source->wide = lappend(source->wide,
							   unconstify(char *, wide_value(relation,
															 attr->atttypid)));
	}
}

/* The relation, reduced to the pages or rows that TABLESAMPLE takes. */
static void
append_from(StringInfo sql, NeonSampleSource *source, int param)
{
	appendStringInfo(sql, " FROM %s", source->table);
	if (source->tablesample != NULL)
		appendStringInfo(sql, " TABLESAMPLE %s ($%d) REPEATABLE ($%d)",
						 source->tablesample, param, param + 1);
}

char *
neon_count_sql(NeonSampleSource *source)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT count(*)");
	append_from(&sql, source, 1);
	return sql.data;
}

char *
neon_all_rows_sql(NeonSampleSource *source)
{
	StringInfoData sql;
	ListCell   *lc;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT %s",
					 source->names != NIL ? (char *) linitial(source->names) :
					 "NULL");
	for_each_from(lc, source->names, 1)
		appendStringInfo(&sql, ", %s", (char *) lfirst(lc));
	appendStringInfo(&sql, " FROM %s", source->table);
	return sql.data;
}

/* "c1, c2, ..." */
static char *
column_list(NeonSampleSource *source)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int n = 1; n <= list_length(source->columns); n++)
		appendStringInfo(&list, "%sc%d", n > 1 ? ", " : "", n);
	return list.data;
}

/* Step 1: the rows, under names that do not need quotes. */
static void
append_rows(StringInfo sql, NeonSampleSource *source)
{
	ListCell   *lc;

	appendStringInfoString(sql, "SELECT ");
	foreach(lc, source->names)
	{
		int			i = foreach_current_index(lc);

		appendStringInfo(sql, "%s%s AS c%d", i > 0 ? ", " : "",
						 (char *) lfirst(lc), i + 1);
	}
	append_from(sql, source, 3);
	if (source->some)
		appendStringInfo(sql, " WHERE random() < $%d::double precision",
						 source->tablesample != NULL ? 5 : 3);
	appendStringInfoString(sql, " ORDER BY random() LIMIT $1::bigint");
}

/* Column n, as text where the widest values are replaced. */
static char *
narrowed(int n, const char *wide, const char *size, const char *limit)
{
	if (wide == NULL)
		return psprintf("c%d", n);
	return psprintf("CASE WHEN %s(c%d) > %s THEN %s ELSE c%d::text END",
					size, n, limit, wide, n);
}

/*
 * Step 2: values as text, save for the widest, which need not even be fetched
 * from where they are stored.  bytes sums up what the row takes there.
 */
static void
append_stored(StringInfo sql, NeonSampleSource *source)
{
	StringInfoData bytes;
	ListCell   *lc;

	initStringInfo(&bytes);
	appendStringInfoString(sql, "SELECT ");
	foreach(lc, source->wide)
	{
		const char *wide = lfirst(lc);
		int			n = foreach_current_index(lc) + 1;
		char	   *size = psprintf("coalesce(pg_column_size(c%d), 0)", n);

		if (wide != NULL)
			size = psprintf("least(%s, " WIDE_STORED ")", size);
		appendStringInfo(sql, "%s AS c%d, ",
						 narrowed(n, wide, "pg_column_size", WIDE_STORED), n);
		appendStringInfo(&bytes, "%s%s", n > 1 ? " + " : "", size);
	}
	appendStringInfo(sql, "sum(%s) OVER (ROWS UNBOUNDED PRECEDING) AS bytes",
					 bytes.data);
	pfree(bytes.data);
}

/*
 * Step 3: the values that are sent; bytes sums up what they take as JSON, with
 * brackets and commas.
 */
static void
append_sent(StringInfo sql, NeonSampleSource *source)
{
	StringInfoData texts;
	ListCell   *lc;

	initStringInfo(&texts);
	appendStringInfoString(sql, "SELECT ");
	foreach(lc, source->wide)
	{
		const char *wide = lfirst(lc);
		int			n = foreach_current_index(lc) + 1;
		char	   *value = narrowed(n, wide, "octet_length", WIDE_AS_TEXT);

		appendStringInfo(sql, "%s AS c%d, ", value, n);
		appendStringInfo(&texts, "%s%s%s", n > 1 ? ", " : "", value,
						 wide == NULL ? "::text" : "");
	}
	appendStringInfo(sql, "sum(octet_length(array_to_json(ARRAY[%s])::text) + 1)"
					 " OVER (ROWS UNBOUNDED PRECEDING) AS bytes",
					 texts.data);
	pfree(texts.data);
}

/*
 * What a row takes as JSON is only computed for rows that are, as they are
 * stored, not too long already.  Else all the large values of many rows would
 * have to be fetched and decompressed for nothing.
 */
char *
neon_sample_sql(NeonSampleSource *source)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT %s FROM (", column_list(source));
	append_sent(&sql, source);
	appendStringInfoString(&sql, " FROM (");
	append_stored(&sql, source);
	appendStringInfoString(&sql, " FROM (");
	append_rows(&sql, source);
	appendStringInfoString(&sql, ") s) s WHERE bytes <= $2::bigint"
						   ") s WHERE bytes <= $2::bigint");
	return sql.data;
}
