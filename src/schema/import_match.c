/*-------------------------------------------------------------------------
 *
 * schema/import_match.c
 *		Is a local type made the same as a remote one?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "schema/import_match.h"

/*
 * The local counterpart of a remote type.  Invalid if there is none yet: then
 * no existing type can be made of it.
 */
static Oid
counterpart(NeonTypeCatalog *catalog, Oid remote)
{
	return neon_catalog_type(catalog, remote)->local;
}

List *
neon_enum_labels(Oid local)
{
	Relation	rel = table_open(EnumRelationId, AccessShareLock);
	Relation	index = index_open(EnumTypIdSortOrderIndexId, AccessShareLock);
	SysScanDesc scan;
	ScanKeyData key;
	HeapTuple	tuple;
	List	   *labels = NIL;

	ScanKeyInit(&key, Anum_pg_enum_enumtypid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(local));
	scan = systable_beginscan_ordered(rel, index, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext_ordered(scan,
															 ForwardScanDirection)))
		labels = lappend(labels,
						 pstrdup(NameStr(((Form_pg_enum) GETSTRUCT(tuple))->enumlabel)));
	systable_endscan_ordered(scan);
	index_close(index, AccessShareLock);
	table_close(rel, AccessShareLock);
	return labels;
}

static bool
same_labels(List *labels, List *others)
{
	ListCell   *lc;
	ListCell   *lc2;

	if (list_length(labels) != list_length(others))
		return false;
	forboth(lc, labels, lc2, others)
	{
		if (strcmp(lfirst(lc), lfirst(lc2)) != 0)
			return false;
	}
	return true;
}

/*
 * Names must agree, too: they may be used in expressions that run remotely.
 */
int
neon_count_attributes(NeonTypeCatalog *catalog, Oid local, List *attributes)
{
	TupleDesc	desc = lookup_rowtype_tupdesc(local, -1);
	int			count = 0;
	bool		same = true;

	for (int i = 0; i < desc->natts && same; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		NeonRemoteAttribute *attribute;

		if (att->attisdropped)
			continue;
		attribute = count < list_length(attributes) ?
			list_nth(attributes, count) : NULL;
		same = attribute != NULL &&
			strcmp(NameStr(att->attname), attribute->name) == 0 &&
			att->atttypid == counterpart(catalog, attribute->typing.type) &&
			att->atttypmod == attribute->typing.typmod;
		count++;
	}
	ReleaseTupleDesc(desc);
	return same ? count : -1;
}

static bool
same_base(Oid local, Oid base, int32 typmod)
{
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(local));
	Form_pg_type form;
	bool		same;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for type %u", local);
	form = (Form_pg_type) GETSTRUCT(tuple);
	same = form->typbasetype == base && form->typtypmod == typmod;
	ReleaseSysCache(tuple);
	return same;
}

/* The labels of the first list that are in the second one, too. */
static List *
common_labels(List *labels, List *others)
{
	List	   *common = NIL;
	ListCell   *lc;
	ListCell   *lc2;

	foreach(lc, labels)
	{
		foreach(lc2, others)
		{
			if (strcmp(lfirst(lc), lfirst(lc2)) == 0)
				common = lappend(common, lfirst(lc));
		}
	}
	return common;
}

bool
neon_type_is_unordered(NeonTypeCatalog *catalog, Oid remote)
{
	NeonCatalogType *type = neon_catalog_type(catalog, remote);
	ListCell   *lc;

	check_stack_depth();
	if (neon_catalog_type_is_builtin(type))
		return false;
	if (type->unordered ||
		(OidIsValid(type->related.type) &&
		 neon_type_is_unordered(catalog, type->related.type)))
		return true;
	foreach(lc, type->attributes)
	{
		if (neon_type_is_unordered(catalog,
								   ((NeonRemoteAttribute *) lfirst(lc))->typing.type))
			return true;
	}
	return false;
}

/*
 * Warns if the labels differ, but accepts the type: labels come and go, and
 * those that both sides have can be used.
 */
static void
check_labels(NeonCatalogType *type, Oid local)
{
	List	   *labels = neon_enum_labels(local);

	if (same_labels(labels, type->labels))
		return;
	type->unordered = !same_labels(common_labels(labels, type->labels),
								   common_labels(type->labels, labels));
	ereport(WARNING,
			(errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
			 errmsg("type %s does not have the same labels as the remote type %s",
					format_type_be_qualified(local), type->sql),
			 type->unordered ?
			 errdetail("Labels come in another order, so comparisons by order and sorts of this type do not run remotely.") : 0,
			 errhint("Give it the same labels in the same order, by ALTER TYPE ... ADD VALUE and RENAME VALUE.")));
}

bool
neon_type_matches(NeonTypeCatalog *catalog, NeonCatalogType *type,
				  Oid local)
{
	Oid			related = InvalidOid;

	if (OidIsValid(type->related.type))
		related = counterpart(catalog, type->related.type);
	if (get_typtype(local) != type->kind)
		return false;
	switch (type->kind)
	{
		case TYPTYPE_ENUM:
			check_labels(type, local);
			return true;
		case TYPTYPE_DOMAIN:
			return same_base(local, related, type->related.typmod);
		case TYPTYPE_COMPOSITE:
			return neon_count_attributes(catalog, local, type->attributes) ==
				list_length(type->attributes);
		case TYPTYPE_RANGE:
			return get_range_subtype(local) == related;
		case TYPTYPE_MULTIRANGE:
			return get_multirange_range(local) == related;
		default:
			return type->kind == TYPTYPE_BASE;
	}
}
