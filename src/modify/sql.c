/*-------------------------------------------------------------------------
 *
 * modify/sql.c
 *		Statements that write rows which are given as arrays.
 *
 * One text for any number of rows: each column is an array of texts, which
 * unnest() turns into rows again.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "compat/compat.h"
#include "deparse/values.h"
#include "modify/sql.h"
#include "option/option.h"
#include "option/table_cache.h"

/*
 * The type to which the text of a column is cast.  A domain whose remote name
 * is not known is replaced by its base type.  Any other type without a known
 * remote name is taken to be called as it is here: the remote will tell if it
 * is not.
 */
static const char *
remote_type(List *extensions, List *types, Oid type)
{
	const char *name = neon_remote_type_name(extensions, types, type);
	Oid			base;

	if (name != NULL)
		return name;
	base = getBaseType(type);
	if (base != type)
		return remote_type(extensions, types, base);
	return format_type_extended(type, -1, FORMAT_TYPE_FORCE_QUALIFY);
}

void
neon_modify_sql_init(NeonModifySql *sql, Relation rel)
{
	TupleDesc	desc = RelationGetDescr(rel);
	const NeonTable *table = neon_table(RelationGetRelid(rel));
	ForeignTable *foreign = GetForeignTable(RelationGetRelid(rel));
	NeonServerOptions *server;

	server = neon_server_options(GetForeignServer(foreign->serverid));
	memset(sql, 0, sizeof(NeonModifySql));
	sql->table = quote_qualified_identifier(table->options->schema_name,
											table->options->table_name);
	sql->natts = desc->natts;
	sql->names = palloc0(sizeof(char *) * Max(desc->natts, 1));
	sql->types = palloc0(sizeof(char *) * Max(desc->natts, 1));
	sql->key = palloc0(sizeof(bool) * Max(desc->natts, 1));
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attr = TupleDescAttr(desc, i);
		const char *name = table->columns->names[i];

		if (attr->attisdropped)
			continue;
		sql->names[i] = pstrdup(quote_identifier(name));
		sql->types[i] = table->columns->written_types[i] != NULL ?
			pstrdup(table->columns->written_types[i]) :
			remote_type(server->extensions, table->columns->types,
						attr->atttypid);
		sql->key[i] = table->columns->key[i];
		sql->has_key |= sql->key[i];
	}
}

char *
neon_modify_insert_sql(const NeonModifySql *sql, List *shape,
					   const char *returning)
{
	StringInfoData buf;
	ListCell   *lc;
	int			n = 0;

	initStringInfo(&buf);
	appendStringInfo(&buf, "INSERT INTO %s AS r", sql->table);
	foreach(lc, shape)
		appendStringInfo(&buf, "%s%s", n++ == 0 ? " (" : ", ",
						 sql->names[lfirst_int(lc) - 1]);
	if (n > 0)
		appendStringInfoChar(&buf, ')');
	if (sql->override != OVERRIDING_NOT_SET && n > 0)
		appendStringInfo(&buf, " OVERRIDING %s VALUE",
						 sql->override == OVERRIDING_USER_VALUE ?
						 "USER" : "SYSTEM");
	appendStringInfoString(&buf, " SELECT ");
	n = 0;
	foreach(lc, shape)
	{
		n++;
		appendStringInfo(&buf, "%su.c%d::%s", n > 1 ? ", " : "", n,
						 sql->types[lfirst_int(lc) - 1]);
	}
	if (n > 0)
	{
		appendStringInfoString(&buf, " FROM ");
		neon_append_unnest(&buf, 1, n, true);
		appendStringInfoString(&buf, " ORDER BY u.n");
	}
	else
		appendStringInfoString(&buf, "FROM generate_series(1, $1::bigint)");
	if (sql->do_nothing)
		appendStringInfoString(&buf, " ON CONFLICT DO NOTHING");
	if (returning != NULL)
		appendStringInfo(&buf, " RETURNING %s", returning);
	return buf.data;
}

int
neon_modify_identity_columns(const NeonModifySql *sql)
{
	int			n = 0;

	for (int i = 0; i < sql->natts; i++)
		n += sql->key[i];
	return (n > 0 ? n : 2) + 1;
}

/*
 * Appends the condition that finds a row again, by columns of u from the n-th
 * on.  To be the version that was read, the row must also have the same xmin.
 * One that this transaction has written has another xmin each time that the
 * queue is sent, and is known by its age.
 */
static void
append_identity(StringInfo buf, const NeonModifySql *sql, int n)
{
	for (int i = 0; i < sql->natts; i++)
	{
		if (sql->key[i])
			appendStringInfo(buf, "r.%s = u.c%d::%s AND ", sql->names[i],
							 n++, sql->types[i]);
	}
	if (sql->has_key)
	{
		appendStringInfo(buf,
						 "CASE u.c%d WHEN '0' THEN age(r.xmin) <= 0"
						 " ELSE r.xmin = u.c%d::xid END", n, n);
		return;
	}
	appendStringInfo(buf, "r.ctid = u.c%d::tid AND r.tableoid = u.c%d::oid"
					 " AND r.xmin = u.c%d::xid", n, n + 1, n + 2);
}

char *
neon_modify_change_sql(const NeonModifySql *sql, List *shape,
					   const char *returning, bool numbered)
{
	StringInfoData buf;
	ListCell   *lc;
	int			n = 0;
	bool		is_update = shape != NIL;

	initStringInfo(&buf);
	appendStringInfo(&buf, is_update ? "UPDATE %s AS r SET " :
					 "DELETE FROM %s AS r", sql->table);
	foreach(lc, shape)
	{
		int			i = abs(lfirst_int(lc)) - 1;

		appendStringInfo(&buf, "%s%s = ", lc != list_head(shape) ? ", " : "",
						 sql->names[i]);
		if (lfirst_int(lc) < 0)
			appendStringInfoString(&buf, "DEFAULT");
		else
			appendStringInfo(&buf, "u.c%d::%s", ++n, sql->types[i]);
	}
	appendStringInfoString(&buf, is_update ? " FROM " : " USING ");
	neon_append_unnest(&buf, 1, n + neon_modify_identity_columns(sql), numbered);
	appendStringInfoString(&buf, " WHERE ");
	append_identity(&buf, sql, n + 1);
	appendStringInfo(&buf, " RETURNING %s", returning);
	return buf.data;
}

char *
neon_modify_returning(const NeonModifySql *sql, List *columns)
{
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	foreach(lc, columns)
	{
		int			attnum = lfirst_int(lc);

		appendStringInfo(&buf, "%sr.%s", lc == list_head(columns) ? "" : ", ",
						 attnum == SelfItemPointerAttributeNumber ? "ctid" :
						 sql->names[attnum - 1]);
	}
	return buf.data;
}

char *
neon_modify_has_defaults_sql(int table_param, int names_param)
{
	return psprintf("EXISTS (SELECT FROM pg_attribute a"
					" WHERE a.attrelid = $%d::regclass AND a.attnum > 0"
					" AND NOT a.attisdropped AND a.attgenerated = ''"
					" AND (a.atthasdef OR a.attidentity <> '')"
					" AND a.attname::text <> ALL ($%d::text[]))",
					table_param, names_param);
}
