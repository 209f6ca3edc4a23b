/*-------------------------------------------------------------------------
 *
 * schema/attach.c
 *		neon_http_attach(): from a connection string to foreign tables.
 *
 * Everything is done with the rights of the caller, as if by the commands
 * that the caller could run.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/catalog.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "parser/scansup.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#include "compat/compat.h"
#include "functions/function.h"
#include "option/address.h"
#include "option/option.h"
#include "option/preload.h"
#include "schema/attach_refresh.h"
#include "schema/attach_server.h"
#include "schema/local_tables.h"
#include "schema/run_command.h"

PG_FUNCTION_INFO_V1(neon_http_attach);

/* The local schema's name when the database's name will not do. */
#define DEFAULT_SCHEMA	"neon"

/* ---------- schema ---------- */

/*
 * The local schema that has tables of this remote schema already.  NULL if
 * there is none; throws if there are several.
 */
static char *
schema_in_use(List *tables, const char *remote_schema)
{
	Oid			schema = InvalidOid;
	ListCell   *lc;

	foreach(lc, tables)
	{
		NeonLocalTable *table = lfirst(lc);

		if (strcmp(table->remote_schema, remote_schema) != 0)
			continue;
		if (OidIsValid(schema) && schema != table->schema)
			ereport(ERROR,
					(errcode(ERRCODE_AMBIGUOUS_PARAMETER),
					 errmsg("tables of remote schema \"%s\" are in several local schemas",
							remote_schema),
					 errhint("Give the parameter \"local_schema\".")));
		schema = table->schema;
	}
	return OidIsValid(schema) ? get_namespace_name(schema) : NULL;
}

static char *
derived_schema_name(const char *dbname, const char *remote_schema)
{
	char	   *name = pstrdup(dbname);

	if (IsReservedName(name) || strcmp(name, "public") == 0 ||
		strcmp(name, "information_schema") == 0)
		name = pstrdup(DEFAULT_SCHEMA);
	if (strcmp(remote_schema, "public") != 0)
		name = psprintf("%s_%s", name, remote_schema);
	truncate_identifier(name, strlen(name), false);
	return name;
}

/* Does the schema have relations?  Composite types do not count. */
static bool
has_relations(Oid schema)
{
	Relation	catalog = table_open(RelationRelationId, AccessShareLock);
	SysScanDesc scan;
	ScanKeyData key;
	HeapTuple	tuple;
	bool		found = false;

	ScanKeyInit(&key, Anum_pg_class_relnamespace, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(schema));
	scan = systable_beginscan(catalog, InvalidOid, false, NULL, 1, &key);
	while (!found && HeapTupleIsValid(tuple = systable_getnext(scan)))
		found = ((Form_pg_class) GETSTRUCT(tuple))->relkind !=
			RELKIND_COMPOSITE_TYPE;
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return found;
}

/* Does the schema have relations, and none of this server's tables? */
static bool
is_others_schema(const char *name, List *tables)
{
	Oid			schema = get_namespace_oid(name, true);
	ListCell   *lc;

	foreach(lc, tables)
	{
		if (((NeonLocalTable *) lfirst(lc))->schema == schema)
			return false;
	}
	return OidIsValid(schema) && has_relations(schema);
}

static const char *
attach_schema(ForeignServer *server, const char *dbname, const char *given,
			  const char *remote_schema)
{
	List	   *tables = neon_local_tables(server->serverid);
	const char *name = given;

	if (name == NULL)
		name = schema_in_use(tables, remote_schema);
	if (name == NULL)
	{
		name = derived_schema_name(dbname, remote_schema);
		if (is_others_schema(name, tables))
			ereport(ERROR,
					(errcode(ERRCODE_DUPLICATE_SCHEMA),
					 errmsg("schema \"%s\" already exists and has other tables", name),
					 errhint("Give the parameter \"local_schema\": another name, or \"%s\" to import into it.", name)));
	}
	if (!OidIsValid(get_namespace_oid(name, true)))
		neon_run_command(psprintf("CREATE SCHEMA %s", quote_identifier(name)));
	return name;
}

/* ---------- server ---------- */

/*
 * The server and the caller's mapping as the connection string says.  Sets
 * the name of the database.
 */
static ForeignServer *
server_of_url(FunctionCallInfo fcinfo, const char *name, bool replace,
			  const char **dbname)
{
	NeonUrl    *url = neon_url_parse(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	ForeignServer *server;

	url->host = neon_value_host("host", url->host);
	server = neon_attach_server(name, url,
								PG_ARGISNULL(4) ? NULL :
								PG_GETARG_ARRAYTYPE_P(4),
								replace);
	neon_attach_mapping(server, url);
	*dbname = url->dbname != NULL ? url->dbname : url->user;
	return server;
}

/*
 * Without a connection string: the server that is there, and the caller's
 * mapping, as they are.
 */
static ForeignServer *
existing_server(FunctionCallInfo fcinfo, const char *name, bool replace,
				const char **dbname)
{
	ForeignServer *server;

	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("connection string must not be null"),
				 errhint("Give the parameter \"server\" to bring the tables of an existing server up to date.")));
	if (replace || !PG_ARGISNULL(4))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("parameter \"%s\" needs a connection string",
						replace ? "replace" : "options"),
				 errhint("Use ALTER SERVER to change the options of a server.")));
	server = neon_function_server(name);
	*dbname = neon_server_options(server)->dbname;
	if (*dbname == NULL)
		*dbname = DEFAULT_SCHEMA;
	return server;
}

/* ---------- attach ---------- */

/*
 * The statement that calls neon_http_attach() has the password in it: no
 * message that is raised while it runs may bring it into the server's log.
 */
static void
hide_statement(void *arg)
{
	errhidestmt(true);
}

static const char *
name_argument(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : NameStr(*PG_GETARG_NAME(n));
}

static bool
flag_argument(FunctionCallInfo fcinfo, int n)
{
	return PG_NARGS() > n && !PG_ARGISNULL(n) && PG_GETARG_BOOL(n);
}

static void
put_refreshed(FunctionCallInfo fcinfo, NeonRefreshed *refreshed)
{
	static const char *const names[] = {
		[NEON_TABLE_IMPORTED] = "imported",
		[NEON_TABLE_UNCHANGED] = "unchanged",
		[NEON_TABLE_CHANGED] = "changed",
		[NEON_TABLE_BLOCKED] = "blocked",
		[NEON_TABLE_SKIPPED] = "skipped",
		[NEON_TABLE_VANISHED] = "vanished",
	};
	NeonResultRow row = {0};

	neon_result_add_name(&row, refreshed->name);
	neon_result_add_text(&row, names[refreshed->status]);
	if (refreshed->rows >= 0)
		neon_result_add(&row,
						Int64GetDatum((int64) Min(rint(refreshed->rows),
												  1e18)));
	else
		neon_result_add_null(&row);
	neon_result_add_text(&row, refreshed->detail);
	neon_result_put(fcinfo, &row);
}

/* Throws if the caller may not. */
static void
set_preload(void)
{
	char	   *command = neon_preload_command();

	if (command != NULL)
		neon_run_command(command);
}

static void
attach(FunctionCallInfo fcinfo)
{
	const char *remote_schema = name_argument(fcinfo, 2);
	const char *name = name_argument(fcinfo, 3);
	const char *local_schema;
	const char *dbname;
	ForeignServer *server;
	ListCell   *lc;

	/* version 1.0 of the extension does not have these parameters */
	bool		replace = flag_argument(fcinfo, 5);
	bool		preload = flag_argument(fcinfo, 6);

	if (remote_schema == NULL)
		remote_schema = "public";
	if (preload)
		set_preload();
	if (PG_ARGISNULL(0))
		server = existing_server(fcinfo, name, replace, &dbname);
	else
		server = server_of_url(fcinfo, name, replace, &dbname);
	local_schema = attach_schema(server, dbname, name_argument(fcinfo, 1),
								 remote_schema);
	foreach(lc, neon_refresh(server, remote_schema, local_schema))
		put_refreshed(fcinfo, lfirst(lc));
	neon_preload_tell();
}

Datum
neon_http_attach(PG_FUNCTION_ARGS)
{
	ErrorContextCallback context;

	PreventCommandIfReadOnly("neon_http_attach()");
	InitMaterializedSRF(fcinfo, 0);
	context.callback = hide_statement;
	context.arg = NULL;
	context.previous = error_context_stack;
	error_context_stack = &context;
	attach(fcinfo);
	error_context_stack = context.previous;
	return (Datum) 0;
}
