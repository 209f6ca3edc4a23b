/*-------------------------------------------------------------------------
 *
 * schema/local_tables.c
 *		The foreign tables of a server that exist.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_foreign_table.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "option/option.h"
#include "schema/local_tables.h"

List *
neon_local_tables(Oid serverid)
{
	Relation	catalog = table_open(ForeignTableRelationId, AccessShareLock);
	SysScanDesc scan;
	ScanKeyData key;
	HeapTuple	tuple;
	List	   *relids = NIL;
	List	   *tables = NIL;
	ListCell   *lc;

	ScanKeyInit(&key, Anum_pg_foreign_table_ftserver, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(serverid));
	scan = systable_beginscan(catalog, InvalidOid, false, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		relids = lappend_oid(relids,
							 ((Form_pg_foreign_table) GETSTRUCT(tuple))->ftrelid);
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);

	/* in the order in which they were created */
	list_sort(relids, list_oid_cmp);
	foreach(lc, relids)
	{
		NeonTableOptions *options = neon_table_options(lfirst_oid(lc));
		NeonLocalTable *table = palloc0_object(NeonLocalTable);

		table->relid = lfirst_oid(lc);
		table->schema = get_rel_namespace(table->relid);
		table->remote_schema = options->schema_name;
		table->remote_name = options->table_name;
		tables = lappend(tables, table);
	}
	return tables;
}
