/*-------------------------------------------------------------------------
 *
 * option/preload.c
 *		Loading the library before the first statement of a session.
 *
 * Statements run remotely as a whole by a planner hook, which a session has
 * once the library is loaded.  What loads it otherwise is the first statement
 * that touches a foreign table, which is planned without.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_db_role_setting.h"
#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/varlena.h"

#include "option/preload.h"

#define LIBRARY		"neon_http_fdw"
#define SETTING		"session_preload_libraries"

/* The value of the setting in an array of "name=value".  NULL if not in it. */
static char *
find_setting(ArrayType *settings)
{
	Datum	   *items;
	int			n;

	deconstruct_array(settings, TEXTOID, -1, false, TYPALIGN_INT, &items,
					  NULL, &n);
	for (int i = 0; i < n; i++)
	{
		char	   *item = TextDatumGetCString(items[i]);

		if (strncmp(item, SETTING "=", strlen(SETTING "=")) == 0)
			return item + strlen(SETTING "=");
	}
	return NULL;
}

/* What this database sets for all roles.  NULL if it leaves the setting. */
static char *
database_setting(void)
{
	Relation	catalog = table_open(DbRoleSettingRelationId, AccessShareLock);
	SysScanDesc scan;
	ScanKeyData keys[2];
	HeapTuple	tuple;
	char	   *value = NULL;

	ScanKeyInit(&keys[0], Anum_pg_db_role_setting_setdatabase,
				BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(MyDatabaseId));
	ScanKeyInit(&keys[1], Anum_pg_db_role_setting_setrole,
				BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(InvalidOid));
	scan = systable_beginscan(catalog, DbRoleSettingDatidRolidIndexId, true,
							  NULL, 2, keys);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		bool		isnull;
		Datum		settings = heap_getattr(tuple,
											Anum_pg_db_role_setting_setconfig,
											RelationGetDescr(catalog),
											&isnull);

		if (!isnull)
			value = find_setting(DatumGetArrayTypeP(settings));
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return value;
}

/*
 * Appends the libraries of a setting's value, as literals with a comma after
 * each.  True if this extension's library is among them.
 */
static bool
add_libraries(StringInfo buf, const char *value)
{
	List	   *libraries;
	ListCell   *lc;
	bool		found = false;

	if (value == NULL ||
		!SplitDirectoriesString(pstrdup(value), ',', &libraries))
		return false;
	foreach(lc, libraries)
	{
		const char *library = lfirst(lc);
		const char *slash = last_dir_separator(library);

		found = found || strcmp(slash ? slash + 1 : library, LIBRARY) == 0;
		appendStringInfo(buf, "%s, ", quote_literal_cstr(library));
	}
	return found;
}

static bool
is_in(const char *value)
{
	StringInfoData unused;

	initStringInfo(&unused);
	return add_libraries(&unused, value);
}

char *
neon_preload_command(void)
{
	char	   *database = database_setting();
	const char *session = GetConfigOption(SETTING, true, false);
	StringInfoData command;

	if (is_in(database) || is_in(session) ||
		is_in(GetConfigOption("local_preload_libraries", true, false)) ||
		is_in(GetConfigOption("shared_preload_libraries", true, false)))
		return NULL;

	/* other libraries stay: the database's, or those that it leaves as set */
	initStringInfo(&command);
	appendStringInfo(&command, "ALTER DATABASE %s SET " SETTING " = ",
					 quote_identifier(get_database_name(MyDatabaseId)));
	add_libraries(&command, database != NULL ? database : session);
	appendStringInfoString(&command, quote_literal_cstr(LIBRARY));
	return command.data;
}

void
neon_preload_tell(void)
{
	static char *told = NULL;	/* lives as long as the session */
	char	   *command = IsBinaryUpgrade ? NULL : neon_preload_command();

	if (command == NULL || (told != NULL && strcmp(told, command) == 0))
		return;
	if (told != NULL)
		pfree(told);
	told = MemoryContextStrdup(TopMemoryContext, command);
	ereport(NOTICE,
			(errmsg("neon_http_fdw is not preloaded, so the first statement of each session does not run remotely as a whole"),
			 errhint("A superuser can preload it: %s;", command)));
}
