/*-------------------------------------------------------------------------
 *
 * schema/attach_refresh.c
 *		Foreign tables brought up to date with the remote ones.
 *
 * A table is altered, never dropped and created again: views, grants and
 * whatever else was built on it stay.  Tables and columns are recognized by
 * their remote names in the options, so local ones may have been renamed.
 * Each change is made by itself, so that one that a view stands in the way
 * of does not keep back the others.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/namespace.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "option/option.h"
#include "schema/attach_refresh.h"
#include "schema/attempt.h"
#include "schema/import.h"
#include "schema/local_tables.h"
#include "schema/run_command.h"

/* What a refresh does to one table. */
typedef struct Changes
{
	Oid			relid;
	char	   *table;			/* qualified, quoted */
	StringInfoData done;		/* changes made, as text for the user */
	StringInfoData blocked;		/* changes that failed, and why */
} Changes;

static NeonLocalTable *
find_table(List *tables, Oid schema, const char *remote_schema,
		   const char *remote_name)
{
	ListCell   *lc;

	foreach(lc, tables)
	{
		NeonLocalTable *table = lfirst(lc);

		if (table->schema == schema &&
			strcmp(table->remote_schema, remote_schema) == 0 &&
			strcmp(table->remote_name, remote_name) == 0)
			return table;
	}
	return NULL;
}

/* ---------- changing a table ---------- */

/*
 * Does this error mean that something in the local database does not allow a
 * change?  Then the refresh goes on without the change.
 */
static bool
is_obstacle(const ErrorData *error)
{
	int			sqlstate = error->sqlerrcode;

	return sqlstate == ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST ||
		sqlstate == ERRCODE_FEATURE_NOT_SUPPORTED ||
		sqlstate == ERRCODE_OBJECT_IN_USE ||
		sqlstate == ERRCODE_WRONG_OBJECT_TYPE ||
		sqlstate == ERRCODE_DUPLICATE_COLUMN ||
		sqlstate == ERRCODE_INVALID_TABLE_DEFINITION ||
		sqlstate == ERRCODE_INVALID_COLUMN_DEFINITION;
}

static void
note(StringInfo buf, const char *text)
{
	appendStringInfo(buf, "%s%s", buf->len > 0 ? "; " : "", text);
}

/*
 * An error as a part of a list: its detail without the full stop that only
 * some versions of PostgreSQL set behind a list of objects.
 */
static const char *
error_text(const ErrorData *error)
{
	int			len;

	if (error->detail == NULL)
		return error->message;
	len = (int) strlen(error->detail);
	if (len > 0 && error->detail[len - 1] == '.')
		len--;
	return psprintf("%s: %.*s", error->message, len, error->detail);
}

/* Tries one change, of which "what" is the description for the user. */
static void
change(Changes *changes, const char *what, const char *action)
{
	char	   *command = psprintf("ALTER FOREIGN TABLE %s %s", changes->table,
								   action);
	ErrorData  *error = neon_attempt_command(command, is_obstacle);

	if (error == NULL)
		note(&changes->done, what);
	else
		note(&changes->blocked,
			 psprintf("not %s: %s", what, error_text(error)));
}

/* ADD, SET or DROP of a column's option, unless it has the new value. */
static void
change_option(Changes *changes, const char *column, const char *option,
			  const char *old, const char *new)
{
	char	   *action = NULL;
	const char *quoted = quote_identifier(column);

	if (old == NULL && new != NULL)
		action = psprintf("ALTER COLUMN %s OPTIONS (ADD %s %s)", quoted,
						  option, quote_literal_cstr(new));
	else if (old != NULL && new == NULL)
		action = psprintf("ALTER COLUMN %s OPTIONS (DROP %s)", quoted, option);
	else if (old != NULL && strcmp(old, new) != 0)
		action = psprintf("ALTER COLUMN %s OPTIONS (SET %s %s)", quoted,
						  option, quote_literal_cstr(new));
	if (action != NULL)
		change(changes,
			   psprintf("changed option %s of column \"%s\"", option, column),
			   action);
}

static bool
has_option(Oid relid, AttrNumber attnum, const char *name)
{
	ListCell   *lc;

	foreach(lc, GetForeignColumnOptions(relid, attnum))
	{
		if (strcmp(lfirst_node(DefElem, lc)->defname, name) == 0)
			return true;
	}
	return false;
}

/*
 * Changes a column that exists on both sides.  The expression of a generated
 * column is not compared: values come from the remote, whatever the local
 * expression is.
 */
static void
change_column(Changes *changes, Form_pg_attribute local,
			  const NeonColumnOptions *options, NeonImportedColumn *wanted)
{
	char	   *name = pstrdup(NameStr(local->attname));
	const char *column = quote_identifier(name);
	AttrNumber	attnum = local->attnum;

	if ((local->attgenerated != '\0') != wanted->generated)
	{
		if (wanted->generated)
			change(changes, psprintf("replaced column \"%s\"", name),
				   psprintf("DROP COLUMN %s, ADD COLUMN %s", column,
							wanted->definition));
		else
			change(changes,
				   psprintf("dropped expression of column \"%s\"", name),
				   psprintf("ALTER COLUMN %s DROP EXPRESSION", column));
		if (wanted->generated)
			return;
	}
	if (local->atttypid != wanted->type ||
		local->atttypmod != wanted->remote->typing.typmod ||
		local->attcollation != wanted->collation)
		change(changes,
			   psprintf("changed type of column \"%s\" to %s%s", name,
						wanted->type_sql, wanted->collate_sql),
			   psprintf("ALTER COLUMN %s TYPE %s%s", column,
						wanted->type_sql, wanted->collate_sql));
	if (local->attnotnull != wanted->notnull)
		change(changes,
			   psprintf("%s NOT NULL of column \"%s\"",
						wanted->notnull ? "set" : "dropped", name),
			   psprintf("ALTER COLUMN %s %s NOT NULL", column,
						wanted->notnull ? "SET" : "DROP"));
	change_option(changes, name, "type_name", options->type_name,
				  wanted->type_name);
	change_option(changes, name, "same_order",
				  has_option(changes->relid, attnum, "same_order") ?
				  (options->same_order ? "true" : "false") : NULL,
				  wanted->unordered ? "false" : NULL);
	change_option(changes, name, "key",
				  has_option(changes->relid, attnum, "key") ?
				  (options->key ? "true" : "false") : NULL,
				  wanted->remote->key ? "true" : NULL);
}

static NeonImportedColumn *
find_column(NeonImportedTable *table, const char *remote_name)
{
	ListCell   *lc;

	foreach(lc, table->columns)
	{
		NeonImportedColumn *column = lfirst(lc);

		if (strcmp(column->remote->name, remote_name) == 0)
			return column;
	}
	return NULL;
}

/*
 * Works on a copy of the tuple descriptor, because each change makes another
 * relcache entry.  Columns that the remote no longer has are dropped first,
 * to make room for new ones of their name.
 */
static void
change_table(Changes *changes, NeonImportedTable *wanted)
{
	Relation	rel = table_open(changes->relid, AccessShareLock);
	TupleDesc	desc = CreateTupleDescCopyConstr(RelationGetDescr(rel));
	NeonColumnOptions *options;
	List	   *known = NIL;
	ListCell   *lc;
	int			natts;

	table_close(rel, NoLock);
	options = neon_relation_column_options(changes->relid, &natts);
	for (int i = 0; i < natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped ||
			find_column(wanted, options[i].column_name) != NULL)
			continue;
		change(changes,
			   psprintf("dropped column \"%s\"", NameStr(att->attname)),
			   psprintf("DROP COLUMN %s",
						quote_identifier(NameStr(att->attname))));
	}
	for (int i = 0; i < natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		NeonImportedColumn *column;

		if (att->attisdropped)
			continue;
		column = find_column(wanted, options[i].column_name);
		if (column == NULL)
			continue;
		known = lappend(known, column);
		change_column(changes, att, &options[i], column);
	}
	foreach(lc, wanted->columns)
	{
		NeonImportedColumn *column = lfirst(lc);

		if (list_member_ptr(known, column))
			continue;
		change(changes, psprintf("added column \"%s\"", column->remote->name),
			   psprintf("ADD COLUMN %s", column->definition));
	}
}

/* ---------- all tables ---------- */

static NeonRefreshed *
refresh_existing(NeonLocalTable *local, NeonImportedTable *wanted)
{
	NeonRefreshed *result = palloc0_object(NeonRefreshed);
	Changes		changes = {0};

	changes.relid = local->relid;
	changes.table = quote_qualified_identifier(get_namespace_name(local->schema),
											   get_rel_name(local->relid));
	initStringInfo(&changes.done);
	initStringInfo(&changes.blocked);
	change_table(&changes, wanted);

	result->name = get_rel_name(local->relid);
	result->status = changes.blocked.len > 0 ? NEON_TABLE_BLOCKED :
		changes.done.len > 0 ? NEON_TABLE_CHANGED : NEON_TABLE_UNCHANGED;
	if (changes.blocked.len > 0)
		note(&changes.done, changes.blocked.data);
	if (changes.done.len > 0)
		result->detail = changes.done.data;
	return result;
}

static NeonRefreshed *
refresh_table(NeonLocalTable *local, NeonImportedTable *wanted, Oid schema)
{
	NeonRefreshed *result;

	if (local != NULL && wanted->command != NULL)
		return refresh_existing(local, wanted);

	result = palloc0_object(NeonRefreshed);
	result->name = wanted->remote->name;
	result->status = NEON_TABLE_SKIPPED;
	if (wanted->command == NULL)
		result->detail = "cannot be imported, see the warning";
	else if (OidIsValid(get_relname_relid(wanted->remote->name, schema)))
		result->detail = "something else has this name here";
	else
	{
		neon_run_command(wanted->command);
		result->status = NEON_TABLE_IMPORTED;
	}
	return result;
}

/* A table that the remote no longer has; schema/import.c has warned. */
static NeonRefreshed *
vanished(NeonLocalTable *local)
{
	NeonRefreshed *result = palloc0_object(NeonRefreshed);

	result->name = get_rel_name(local->relid);
	result->status = NEON_TABLE_VANISHED;
	result->rows = -1;
	result->detail = psprintf("remote table \"%s\".\"%s\" no longer exists; the foreign table is kept",
							  local->remote_schema, local->remote_name);
	return result;
}

/* Creates or changes the tables that the statement asks for. */
static List *
refresh_tables(ImportForeignSchemaStmt *stmt, Oid serverid, List *locals)
{
	Oid			schema = get_namespace_oid(stmt->local_schema, false);
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, neon_import_tables(stmt, serverid, true))
	{
		NeonImportedTable *wanted = lfirst(lc);
		NeonLocalTable *local = find_table(locals, schema,
										   stmt->remote_schema,
										   wanted->remote->name);
		NeonRefreshed *refreshed = refresh_table(local, wanted, schema);

		if (local != NULL)
			local->seen = true;
		refreshed->rows = wanted->remote->rows;
		result = lappend(result, refreshed);
	}
	return result;
}

/* The foreign tables of the schema that were not found on the remote. */
static List *
unseen_tables(List *locals, const char *local_schema,
			  const char *remote_schema)
{
	Oid			schema = get_namespace_oid(local_schema, false);
	List	   *unseen = NIL;
	ListCell   *lc;

	foreach(lc, locals)
	{
		NeonLocalTable *local = lfirst(lc);

		if (!local->seen && local->schema == schema &&
			strcmp(local->remote_schema, remote_schema) == 0)
			unseen = lappend(unseen, local);
	}
	return unseen;
}

/*
 * A partition is not listed unless it is asked for, so tables that are here
 * and were not listed are asked for by name before they count as gone.
 */
List *
neon_refresh(ForeignServer *server, const char *remote_schema,
			 const char *local_schema)
{
	ImportForeignSchemaStmt *stmt = makeNode(ImportForeignSchemaStmt);
	List	   *locals = neon_local_tables(server->serverid);
	List	   *result;
	ListCell   *lc;

	stmt->server_name = server->servername;
	stmt->remote_schema = pstrdup(remote_schema);
	stmt->local_schema = pstrdup(local_schema);
	stmt->list_type = FDW_IMPORT_SCHEMA_ALL;
	result = refresh_tables(stmt, server->serverid, locals);

	foreach(lc, unseen_tables(locals, local_schema, remote_schema))
	{
		NeonLocalTable *local = lfirst(lc);

		stmt->table_list = lappend(stmt->table_list,
								   makeRangeVar(NULL, local->remote_name, -1));
	}
	if (stmt->table_list == NIL)
		return result;
	stmt->list_type = FDW_IMPORT_SCHEMA_LIMIT_TO;
	result = list_concat(result,
						 refresh_tables(stmt, server->serverid, locals));
	foreach(lc, unseen_tables(locals, local_schema, remote_schema))
		result = lappend(result, vanished(lfirst(lc)));
	return result;
}
