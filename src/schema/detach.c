/*-------------------------------------------------------------------------
 *
 * schema/detach.c
 *		neon_http_detach(): a server with all that belongs to it is dropped.
 *
 * Runs the commands that the caller could run, with the caller's rights.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_user_mapping.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#include "compat/compat.h"
#include "functions/function.h"
#include "schema/local_tables.h"
#include "schema/run_command.h"

PG_FUNCTION_INFO_V1(neon_http_detach);

/* Names of the users with a mapping, as SQL. */
static List *
mapping_users(Oid serverid)
{
	Relation	catalog = table_open(UserMappingRelationId, AccessShareLock);
	SysScanDesc scan;
	ScanKeyData key;
	HeapTuple	tuple;
	List	   *users = NIL;

	ScanKeyInit(&key, Anum_pg_user_mapping_umserver, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(serverid));
	scan = systable_beginscan(catalog, InvalidOid, false, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Oid			user = ((Form_pg_user_mapping) GETSTRUCT(tuple))->umuser;

		users = lappend(users, OidIsValid(user) ?
						pstrdup(quote_identifier(GetUserNameFromId(user, false))) :
						"PUBLIC");
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return users;
}

/*
 * Drops all tables by one command, because a table may depend on another
 * one: a partition does on its parent.
 */
static void
drop_tables(List *tables)
{
	StringInfoData command;
	ListCell   *lc;

	if (tables == NIL)
		return;
	initStringInfo(&command);
	appendStringInfoString(&command, "DROP FOREIGN TABLE ");
	foreach(lc, tables)
	{
		NeonLocalTable *table = lfirst(lc);

		appendStringInfo(&command, "%s%s",
						 lc != list_head(tables) ? ", " : "",
						 quote_qualified_identifier(get_namespace_name(table->schema),
													get_rel_name(table->relid)));
	}
	neon_run_command(command.data);
}

Datum
neon_http_detach(PG_FUNCTION_ARGS)
{
	ForeignServer *server = neon_function_server(NameStr(*PG_GETARG_NAME(0)));
	bool		cascade = PG_GETARG_BOOL(1);
	const char *name = quote_identifier(server->servername);
	List	   *tables = neon_local_tables(server->serverid);
	ListCell   *lc;

	if (!cascade)
	{
		drop_tables(tables);
		foreach(lc, mapping_users(server->serverid))
			neon_run_command(psprintf("DROP USER MAPPING FOR %s SERVER %s",
									  (char *) lfirst(lc), name));
	}
	neon_run_command(psprintf("DROP SERVER %s %s", name,
							  cascade ? "CASCADE" : "RESTRICT"));
	PG_RETURN_INT32(list_length(tables));
}
