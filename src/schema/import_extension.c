/*-------------------------------------------------------------------------
 *
 * schema/import_extension.c
 *		The server learns in which schemas the remote has its extensions.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/genam.h"
#include "access/table.h"
#include "catalog/pg_extension.h"
#include "commands/defrem.h"
#include "foreign/foreign.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "option/extension_schemas.h"
#include "schema/attempt.h"
#include "schema/import_extension.h"

#define OPTION "extension_schemas"

/* The local schema of an extension, NULL if it is not installed. */
static char *
local_schema(const char *extension)
{
	Relation	catalog = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	char	   *schema = NULL;

	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber,
				F_NAMEEQ, CStringGetDatum(extension));
	scan = systable_beginscan(catalog, ExtensionNameIndexId, true, NULL, 1,
							  &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		schema = get_namespace_name(((Form_pg_extension) GETSTRUCT(tuple))->extnamespace);
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return schema;
}

static char *
wanted_value(List *extensions)
{
	List	   *moved = NIL;
	ListCell   *lc;

	foreach(lc, extensions)
	{
		NeonExtensionSchema *entry = lfirst(lc);
		char	   *schema = local_schema(entry->extension);

		if (schema != NULL && strcmp(schema, entry->schema) != 0)
			moved = lappend(moved, entry);
	}
	return moved != NIL ? neon_extension_schemas_print(moved) : NULL;
}

static const char *
current_value(ForeignServer *server)
{
	ListCell   *lc;

	foreach(lc, server->options)
	{
		DefElem    *def = lfirst_node(DefElem, lc);

		if (strcmp(def->defname, OPTION) == 0)
			return defGetString(def);
	}
	return NULL;
}

static bool
is_missing_right(const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_INSUFFICIENT_PRIVILEGE;
}

void
neon_import_extension_schemas(Oid serverid, List *extensions)
{
	ForeignServer *server = GetForeignServer(serverid);
	const char *current = current_value(server);
	const char *wanted = wanted_value(extensions);
	char	   *command;

	if (current == NULL && wanted == NULL)
		return;
	if (current != NULL && wanted != NULL && strcmp(current, wanted) == 0)
		return;
	command = psprintf("ALTER SERVER %s OPTIONS (%s " OPTION "%s%s)",
					   quote_identifier(server->servername),
					   current == NULL ? "ADD" : wanted == NULL ? "DROP" :
					   "SET",
					   wanted != NULL ? " " : "",
					   wanted != NULL ? quote_literal_cstr(wanted) : "");
	if (neon_attempt_command(command, is_missing_right) != NULL)
		ereport(WARNING,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("server \"%s\" does not know the remote schemas of its extensions",
						server->servername),
				 errhint("The owner of the server can set them: %s;", command)));
}
