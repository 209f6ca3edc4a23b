/*-------------------------------------------------------------------------
 *
 * scan/input_mode.c
 *		The settings under which input functions read what the remote prints.
 *
 * Most input functions understand the guard's text under any setting: ISO
 * dates, intervals with a sign wherever it changes, hexadecimal bytea.  Here
 * are those that do not, some of which would take NULL for a string, and no
 * error would tell.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/tupdesc.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"
#include "utils/xml.h"

#include "deparse/local_setting.h"
#include "option/remote_type.h"
#include "scan/input_mode.h"

static void
add_attributes(NeonInputMode *mode, Oid type)
{
	TupleDesc	desc = lookup_rowtype_tupdesc(type, -1);

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!att->attisdropped)
			neon_input_mode_add(mode, att->atttypid);
	}
	ReleaseTupleDesc(desc);
}

void
neon_input_mode_add(NeonInputMode *mode, Oid type)
{
	Oid			element;

	check_stack_depth();
	type = getBaseType(type);
	element = get_element_type(type);
	if (OidIsValid(element))
	{
		mode->array = true;
		neon_input_mode_add(mode, element);
		return;
	}

	switch (get_typtype(type))
	{
		case TYPTYPE_COMPOSITE:
			add_attributes(mode, type);
			break;
		case TYPTYPE_RANGE:
			neon_input_mode_add(mode, get_range_subtype(type));
			break;
		case TYPTYPE_MULTIRANGE:
			neon_input_mode_add(mode, get_multirange_range(type));
			break;
		default:
			if (type == CASHOID)
				mode->money = true;
			else if (type == XMLOID)
				mode->xml = true;
			else if (neon_type_is_local_reference(type))
				mode->names = true;
			break;
	}
}

/*
 * This runs for each row: what is right already, as nearly always, costs a
 * look at a variable.  Only the search path is set without looking.
 */
int
neon_input_mode_set(const NeonInputMode *mode)
{
	int			level = NEON_NOTHING_SET;

	if (mode->money)
		neon_local_setting_money(&level);
	if (mode->xml && xmloption != XMLOPTION_CONTENT)
		neon_local_setting(&level, "xmloption", "content");
	if (mode->array && !Array_nulls)
		neon_local_setting(&level, "array_nulls", "on");
	if (mode->names)
		neon_local_setting(&level, "search_path", "pg_catalog");
	return level;
}
