/*-------------------------------------------------------------------------
 *
 * ship/ship.c
 *		The foreign tables of a query that is judged.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "option/table_cache.h"
#include "ship/ship.h"

NeonQueryTable *
neon_find_table(NeonShipContext *ship, Oid relid)
{
	ListCell   *lc;

	foreach(lc, ship->tables)
	{
		NeonQueryTable *table = lfirst(lc);

		if (table->relid == relid)
			return table;
	}
	return NULL;
}

bool
neon_add_table(NeonShipContext *ship, Oid relid)
{
	const NeonTable *cached = neon_table(relid);
	NeonQueryTable *table;

	if (neon_find_table(ship, relid) != NULL)
		return true;
	if (!neon_remote_types_agree(ship->types, cached->columns->types))
		return false;
	table = palloc(sizeof(NeonQueryTable));
	table->relid = relid;
	table->options = cached->options;
	table->columns = cached->columns;
	ship->tables = lappend(ship->tables, table);
	ship->types = list_concat(ship->types, table->columns->types);
	return true;
}
