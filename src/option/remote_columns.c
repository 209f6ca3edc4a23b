/*-------------------------------------------------------------------------
 *
 * option/remote_columns.c
 *		What the columns of a foreign table are called on the remote.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/table.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "compat/compat.h"
#include "option/option.h"
#include "option/remote_columns.h"

/* Marks columns that share their remote name with another one. */
static void
mark_ambiguous(NeonRemoteColumns *columns)
{
	int			i;
	int			j;

	for (i = 0; i < columns->natts; i++)
	{
		if (columns->names[i] == NULL)
			continue;
		for (j = 0; j < i; j++)
		{
			if (columns->names[j] == NULL ||
				strcmp(columns->names[i], columns->names[j]) != 0)
				continue;
			columns->ambiguous[i] = true;
			columns->ambiguous[j] = true;
		}
	}
}

static void
add_remote_type(NeonRemoteColumns *columns, Oid type, const char *name,
				bool unordered)
{
	NeonRemoteType *known = palloc(sizeof(NeonRemoteType));

	Oid			element = get_element_type(type);
	size_t		len = strlen(name);
	ListCell   *lc;

	known->local = type;
	known->name = name;
	known->unordered = unordered;
	foreach(lc, columns->types)
	{
		NeonRemoteType *other = lfirst(lc);

		if (other->local == type &&
			(other->name == NULL || strcmp(other->name, name) != 0))
			other->name = known->name = NULL;
	}
	columns->types = lappend(columns->types, known);

	/* An array's name tells its element's. */
	if (OidIsValid(element) && len > 2 && strcmp(name + len - 2, "[]") == 0)
		add_remote_type(columns, element, pnstrdup(name, len - 2), unordered);
}

NeonRemoteColumns *
neon_remote_columns(Oid relid)
{
	Relation	rel = table_open(relid, NoLock);
	TupleDesc	desc = RelationGetDescr(rel);
	NeonRemoteColumns *columns = palloc0(sizeof(NeonRemoteColumns));
	NeonColumnOptions *options;
	bool		renamed = false;
	int			natts;
	int			i;

	options = neon_relation_column_options(relid, &natts);
	Assert(natts == desc->natts);
	columns->natts = desc->natts;
	columns->names = palloc0(sizeof(char *) * desc->natts);
	columns->key = palloc0(sizeof(bool) * desc->natts);
	columns->ambiguous = palloc0(sizeof(bool) * desc->natts);
	columns->written_types = palloc0(sizeof(char *) * desc->natts);
	for (i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attr = TupleDescAttr(desc, i);

		if (attr->attisdropped)
			continue;
		columns->names[i] = options[i].column_name;
		columns->key[i] = options[i].key;
		if (options[i].type_name && neon_is_builtin(attr->atttypid))
		{
			/* the remote knows the local type, and has another one */
			columns->ambiguous[i] = true;
			columns->written_types[i] = options[i].type_name;
		}
		else if (options[i].type_name)
			add_remote_type(columns, attr->atttypid, options[i].type_name,
							!options[i].same_order);
		if (strcmp(options[i].column_name, NameStr(attr->attname)) != 0)
			renamed = true;
	}

	/* Local names are unique, so there is nothing to find in them. */
	if (renamed)
		mark_ambiguous(columns);
	table_close(rel, NoLock);
	return columns;
}
