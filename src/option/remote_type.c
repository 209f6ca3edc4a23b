/*-------------------------------------------------------------------------
 *
 * option/remote_type.c
 *		What the remote knows of a type.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/transam.h"
#include "catalog/dependency.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#include "compat/compat.h"
#include "option/remote_type.h"

/*
 * The objects of information_schema get their OIDs from initdb, so that they
 * differ between servers; they do not count as built in.
 */
bool
neon_is_builtin(Oid objid)
{
	return objid < FirstGenbkiObjectId;
}

bool
neon_remote_order_differs(List *types, Oid function)
{
	ListCell   *lc;
	bool		unordered = false;

	switch (function)
	{
		case F_ENUM_LT:
		case F_ENUM_LE:
		case F_ENUM_GT:
		case F_ENUM_GE:
		case F_ENUM_CMP:
		case F_ENUM_SMALLER:
		case F_ENUM_LARGER:
		case F_MIN_ANYENUM:
		case F_MAX_ANYENUM:
		case F_ENUM_FIRST:
		case F_ENUM_LAST:
		case F_ENUM_RANGE_ANYENUM:
		case F_ENUM_RANGE_ANYENUM_ANYENUM:
		case F_ARRAY_LT:
		case F_ARRAY_LE:
		case F_ARRAY_GT:
		case F_ARRAY_GE:
		case F_BTARRAYCMP:
		case F_ARRAY_SMALLER:
		case F_ARRAY_LARGER:
		case F_MIN_ANYARRAY:
		case F_MAX_ANYARRAY:
		case F_RECORD_LT:
		case F_RECORD_LE:
		case F_RECORD_GT:
		case F_RECORD_GE:
		case F_BTRECORDCMP:
			break;
		default:
			return false;
	}
	foreach(lc, types)
		unordered = unordered || ((NeonRemoteType *) lfirst(lc))->unordered;
	return unordered;
}

bool
neon_type_is_readable(Oid type)
{
	return get_typtype(type) != TYPTYPE_PSEUDO;
}

bool
neon_type_is_local_reference(Oid type)
{
	switch (type)
	{
		case REGPROCOID:
		case REGPROCEDUREOID:
		case REGOPEROID:
		case REGOPERATOROID:
		case REGCLASSOID:
		case REGTYPEOID:
		case REGROLEOID:
		case REGNAMESPACEOID:
		case REGCONFIGOID:
		case REGDICTIONARYOID:
		case REGCOLLATIONOID:
		case REGDATABASEOID:
			return true;
		default:
			return false;
	}
}

/*
 * The element type of an array whose name is that of the element with [].
 * int2vector and oidvector are arrays, too, but have a name and a text form of
 * their own.
 */
static Oid
array_element(Oid type)
{
	Oid			element = get_element_type(type);

	return OidIsValid(element) && get_array_type(element) == type ?
		element : InvalidOid;
}

/* Is a type that is not an array the same on both sides? */
static bool
is_same_element(List *extensions, Oid type)
{
	char		typtype = get_typtype(type);

	if (typtype == TYPTYPE_PSEUDO || typtype == TYPTYPE_COMPOSITE ||
		neon_type_is_local_reference(type))
		return false;
	return neon_is_builtin(type) ||
		(extensions != NIL &&
		 list_member_oid(extensions,
						 getExtensionOfObject(TypeRelationId, type)));
}

bool
neon_remote_type_same(List *extensions, Oid type)
{
	Oid			element = array_element(type);

	return is_same_element(extensions, OidIsValid(element) ? element : type);
}

static const char *
mapped_name(List *types, Oid type)
{
	ListCell   *lc;

	foreach(lc, types)
	{
		NeonRemoteType *known = lfirst(lc);

		if (known->local == type)
			return known->name;
	}
	return NULL;
}

bool
neon_remote_types_agree(List *a, List *b)
{
	ListCell   *lc;
	ListCell   *lc2;

	foreach(lc, a)
	{
		NeonRemoteType *x = lfirst(lc);

		foreach(lc2, b)
		{
			NeonRemoteType *y = lfirst(lc2);

			if (x->local == y->local && x->name != y->name &&
				(x->name == NULL || y->name == NULL ||
				 strcmp(x->name, y->name) != 0))
				return false;
		}
	}
	return true;
}

bool
neon_remote_type_known(List *extensions, List *types, Oid type)
{
	Oid			element;

	if (types != NIL)
	{
		element = array_element(type);
		if (mapped_name(types, type) != NULL ||
			(OidIsValid(element) && mapped_name(types, element) != NULL))
			return true;
	}
	return neon_remote_type_same(extensions, type);
}

const char *
neon_remote_type_name(List *extensions, List *types, Oid type)
{
	const char *name = mapped_name(types, type);
	Oid			element = array_element(type);

	if (name != NULL)
		return name;
	if (OidIsValid(element))
	{
		name = neon_remote_type_name(extensions, types, element);
		return name != NULL ? psprintf("%s[]", name) : NULL;
	}
	if (!is_same_element(extensions, type) &&
		!neon_type_is_local_reference(type))
		return NULL;

	/* Typmod -1 "given" prints bpchar and "bit", which keep any length. */
	return format_type_extended(type, -1, neon_is_builtin(type) ?
								FORMAT_TYPE_TYPEMOD_GIVEN :
								FORMAT_TYPE_FORCE_QUALIFY);
}

/*
 * Text search configurations and dictionaries of a fresh database: no built-in
 * OIDs, but the same everywhere, and no text search does without.
 */
bool
neon_remote_reference_same(Const *value)
{
	return (value->consttype == REGCONFIGOID ||
			value->consttype == REGDICTIONARYOID) &&
		!value->constisnull &&
		DatumGetObjectId(value->constvalue) < FirstNormalObjectId;
}
