/*-------------------------------------------------------------------------
 *
 * schema/analyze_schema.c
 *		neon_http_analyze(): ANALYZE of all foreign tables of a schema, by few
 *		requests.
 *
 * Sizes come by one request for each user mapping, samples by one for as many
 * tables as are likely to fit into a reply together.  Then ANALYZE is run for
 * one table after the other, with the caller's rights, and finds its rows
 * ready.  So what it stores is what it stores otherwise.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "compat/analyze.h"
#include "compat/compat.h"
#include "functions/function.h"
#include "option/own.h"
#include "schema/attempt.h"
#include "schema/ready_samples.h"
#include "schema/sample.h"

PG_FUNCTION_INFO_V1(neon_http_analyze);

/* What one ANALYZE names: a foreign table, or a partitioned table of some. */
typedef struct Unit
{
	Oid			relid;
	List	   *tables;			/* NeonSampledTable */
} Unit;

/* ---------- what there is ---------- */

/* Relations of the schema of this kind, in the order of their creation. */
static List *
relations_of(Oid schema, char relkind)
{
	Relation	catalog = table_open(RelationRelationId, AccessShareLock);
	List	   *relids = NIL;
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&keys[0], Anum_pg_class_relnamespace, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(schema));
	ScanKeyInit(&keys[1], Anum_pg_class_relkind, BTEqualStrategyNumber,
				F_CHAREQ, CharGetDatum(relkind));
	scan = systable_beginscan(catalog, InvalidOid, false, NULL, 2, keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		relids = lappend_oid(relids, ((Form_pg_class) GETSTRUCT(tuple))->oid);
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	list_sort(relids, list_oid_cmp);
	return relids;
}

/*
 * May the caller analyze it?  If not, that is said by the warning that ANALYZE
 * has for it; if it is gone, nothing is.
 */
static bool
may_analyze(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	bool		may;

	if (!HeapTupleIsValid(tuple))
		return false;
	may = neon_may_analyze(relid, (Form_pg_class) GETSTRUCT(tuple));
	ReleaseSysCache(tuple);
	return may;
}

static Unit *
add_unit(List **units, Oid relid)
{
	Unit	   *unit = palloc0_object(Unit);

	unit->relid = relid;
	*units = lappend(*units, unit);
	return unit;
}

static void
add_table(Unit *unit, Oid relid)
{
	NeonSampledTable *table = palloc0_object(NeonSampledTable);

	table->ready.relid = relid;
	unit->tables = lappend(unit->tables, table);
}

/*
 * A partitioned table stands before its partitions, and brings those along
 * that are foreign tables of ours.  "covered" collects what it brings.
 */
static void
add_partitioned(List **units, Oid relid, List **covered)
{
	List	   *below = find_all_inheritors(relid, NoLock, NULL);
	Unit	   *unit = NULL;
	ListCell   *lc;

	if (list_member_oid(*covered, relid))
		return;
	foreach(lc, below)
	{
		if (get_rel_relkind(lfirst_oid(lc)) != RELKIND_FOREIGN_TABLE ||
			!neon_is_own_table(lfirst_oid(lc)))
			continue;
		if (unit == NULL)
			unit = add_unit(units, relid);
		add_table(unit, lfirst_oid(lc));
	}
	if (unit != NULL)
		*covered = list_concat_unique_oid(*covered, below);
}

static List *
find_units(Oid schema)
{
	List	   *units = NIL;
	List	   *covered = NIL;
	ListCell   *lc;

	foreach(lc, relations_of(schema, RELKIND_PARTITIONED_TABLE))
	{
		if (!get_rel_relispartition(lfirst_oid(lc)))
			add_partitioned(&units, lfirst_oid(lc), &covered);
	}
	foreach(lc, relations_of(schema, RELKIND_PARTITIONED_TABLE))
		add_partitioned(&units, lfirst_oid(lc), &covered);
	foreach(lc, relations_of(schema, RELKIND_FOREIGN_TABLE))
	{
		if (!list_member_oid(covered, lfirst_oid(lc)) &&
			neon_is_own_table(lfirst_oid(lc)))
			add_table(add_unit(&units, lfirst_oid(lc)), lfirst_oid(lc));
	}
	return units;
}

/* ---------- the result ---------- */

/* The estimate is what the local catalog has. */
static void
put_row(FunctionCallInfo fcinfo, Oid relid, const char *status,
		const char *detail)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Form_pg_class form;
	NeonResultRow row = {0};

	if (!HeapTupleIsValid(tuple))
		return;
	form = (Form_pg_class) GETSTRUCT(tuple);
	neon_result_add_name(&row, NameStr(form->relname));
	neon_result_add_text(&row, status);
	if (form->reltuples < 0)
		neon_result_add_null(&row);
	else
		neon_result_add(&row, Int64GetDatum((int64) form->reltuples));
	neon_result_add_text(&row, detail);
	ReleaseSysCache(tuple);
	neon_result_put(fcinfo, &row);
}

static char *
error_text(const ErrorData *error)
{
	return psprintf("%s: %s%s%s", unpack_sql_state(error->sqlerrcode),
					error->message, error->detail != NULL ? ": " : "",
					error->detail != NULL ? error->detail : "");
}

/* ---------- ANALYZE ---------- */

static ErrorData *
analyze(Oid relid)
{
	char	   *name = get_rel_name(relid);

	if (name == NULL)
		return NULL;			/* gone meanwhile */
	return neon_attempt_command(psprintf("ANALYZE %s",
										 quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
																	name)),
								neon_analyze_may_fail);
}

static ErrorData *
first_error(const Unit *unit)
{
	ListCell   *lc;

	foreach(lc, unit->tables)
	{
		if (((NeonSampledTable *) lfirst(lc))->error != NULL)
			return ((NeonSampledTable *) lfirst(lc))->error;
	}
	return NULL;
}

/* Partitions of a table that could not be analyzed are, one by one. */
static void
analyze_unit(FunctionCallInfo fcinfo, Unit *unit)
{
	ErrorData  *error = first_error(unit);
	ListCell   *lc;

	if (error == NULL)
		error = analyze(unit->relid);
	put_row(fcinfo, unit->relid, error == NULL ? "analyzed" : "failed",
			error == NULL ? NULL : error_text(error));
	foreach(lc, unit->tables)
	{
		NeonSampledTable *table = lfirst(lc);
		ErrorData  *own = table->error;

		if (table->ready.relid == unit->relid)
			continue;
		if (own == NULL && error != NULL)
			own = analyze(table->ready.relid);
		put_row(fcinfo, table->ready.relid, own == NULL ? "analyzed" : "failed",
				own == NULL ? NULL : error_text(own));
	}
}

static List *
tables_of(List *units)
{
	List	   *tables = NIL;
	ListCell   *lc;

	foreach(lc, units)
		tables = list_concat(tables, ((Unit *) lfirst(lc))->tables);
	return tables;
}

static double
bytes_of(const Unit *unit)
{
	double		bytes = 0;
	ListCell   *lc;

	foreach(lc, unit->tables)
		bytes += ((NeonSampledTable *) lfirst(lc))->bytes;
	return bytes;
}

/*
 * Samples are kept for as many units as have room in a reply together; a
 * partitioned table's as long as they have room in maintenance_work_mem.
 */
static void
analyze_together(FunctionCallInfo fcinfo, List *units)
{
	List	   *tables = tables_of(units);
	List	   *ready = NIL;
	ListCell   *lc;

	if (list_length(units) > 1 ||
		bytes_of(linitial(units)) < maintenance_work_mem * 1024.0)
		neon_sample_tables(tables);
	foreach(lc, tables)
	{
		if (((NeonSampledTable *) lfirst(lc))->sized)
			ready = lappend(ready, &((NeonSampledTable *) lfirst(lc))->ready);
	}
	neon_analyze_offer(ready);
	PG_TRY();
	{
		foreach(lc, units)
			analyze_unit(fcinfo, lfirst(lc));
	}
	PG_FINALLY();
	{
		neon_analyze_offer(NIL);
	}
	PG_END_TRY();
}

/* Units whose samples come together stand before the others. */
static List *
small_first(List *units)
{
	List	   *small = NIL;
	List	   *large = NIL;
	ListCell   *lc;

	foreach(lc, units)
	{
		if (bytes_of(lfirst(lc)) <= NEON_SAMPLE_BYTES / 2)
			small = lappend(small, lfirst(lc));
		else
			large = lappend(large, lfirst(lc));
	}
	return list_concat(small, large);
}

static void
analyze_all(FunctionCallInfo fcinfo, List *units)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "neon_http_analyze samples",
												  ALLOCSET_DEFAULT_SIZES);

	while (units != NIL)
	{
		List	   *some = NIL;
		double		bytes = 0;
		MemoryContext old = MemoryContextSwitchTo(context);
		ListCell   *lc;

		foreach(lc, units)
		{
			bytes += bytes_of(lfirst(lc));
			if (some != NIL && bytes > NEON_SAMPLE_BYTES / 2)
				break;
			some = lappend(some, lfirst(lc));
		}
		analyze_together(fcinfo, some);
		MemoryContextSwitchTo(old);
		units = list_copy_tail(units, list_length(some));
		MemoryContextReset(context);
	}
}

Datum
neon_http_analyze(PG_FUNCTION_ARGS)
{
	Oid			schema = LookupExplicitNamespace(NameStr(*PG_GETARG_NAME(0)),
												 false);
	List	   *allowed = NIL;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	foreach(lc, find_units(schema))
	{
		Unit	   *unit = lfirst(lc);

		if (may_analyze(unit->relid))
			allowed = lappend(allowed, unit);
		else
			put_row(fcinfo, unit->relid, "skipped",
					"no right to analyze it");
	}
	neon_sample_sizes(tables_of(allowed));
	analyze_all(fcinfo, small_first(allowed));
	return (Datum) 0;
}
