/*-------------------------------------------------------------------------
 *
 * schema/import_type.c
 *		Local counterparts of the remote types that an import meets.
 *
 * The counterpart of a built-in type is the type of the same name, that of an
 * extension's type is the type of the same extension, in whichever schema
 * that is installed.  All other types have their counterpart in the schema
 * that is imported into: an existing type is used if it is made the same,
 * else enums, domains and composite types are created.  All types of a table
 * are checked before one is created, so that nothing is created for a table
 * that is then left out.
 *
 * Names that the remote sent are quoted in every command.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "schema/import_match.h"
#include "schema/import_type.h"
#include "schema/import_typmod.h"
#include "schema/refresh_type.h"
#include "schema/run_command.h"

/* States of a type. */
enum
{
	TYPE_UNSEEN,
	TYPE_IN_WORK,				/* its parts are being looked at */
	TYPE_EXISTS,				/* local is valid */
	TYPE_TO_CREATE,
	TYPE_IMPOSSIBLE				/* problem says why */
};

static const NeonProblem *type_problem(NeonImportTypes *import, Oid remote);

static Oid
local_type(const char *name, Oid schema)
{
	return GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid,
						   CStringGetDatum(name), ObjectIdGetDatum(schema));
}

/* The counterpart of a type that has been found possible, if it exists yet. */
static Oid
counterpart(NeonImportTypes *import, Oid remote)
{
	return neon_catalog_type(import->catalog, remote)->local;
}

static const NeonProblem *
set_problem(NeonCatalogType *type, const char *detail, const char *hint)
{
	type->problem.detail = detail;
	type->problem.hint = hint;
	return &type->problem;
}

static const NeonProblem *
collation_problem(NeonImportTypes *import, const NeonTyping *typing)
{
	NeonProblem *problem;

	if (typing->collation == NULL || !import->options->import_collate ||
		OidIsValid(get_collation_oid(list_make2(makeString(typing->collation_schema),
												makeString(typing->collation)),
									 true)))
		return NULL;

	problem = palloc0_object(NeonProblem);
	problem->detail = psprintf("Collation %s does not exist here.",
							   quote_qualified_identifier(typing->collation_schema,
														  typing->collation));
	problem->hint = "Create it, or set import_collate to false.";
	return problem;
}

const NeonProblem *
neon_import_problem(NeonImportTypes *import, const NeonTyping *typing)
{
	static const NeonProblem modifier = {
		"The type does not have such a modifier here.", NULL
	};
	const NeonProblem *problem = type_problem(import, typing->type);

	if (problem == NULL &&
		!neon_typmod_is_valid(counterpart(import, typing->type),
							  typing->typmod))
		problem = &modifier;
	return problem ? problem : collation_problem(import, typing);
}

/* Why a type that this type is made of cannot be imported, NULL if it can. */
static const NeonProblem *
parts_problem(NeonImportTypes *import, NeonCatalogType *type)
{
	ListCell   *lc;

	if (OidIsValid(type->related.type))
	{
		const NeonProblem *problem = neon_import_problem(import,
														 &type->related);

		if (problem != NULL)
			return problem;
	}
	foreach(lc, type->attributes)
	{
		NeonRemoteAttribute *attribute = lfirst(lc);
		const NeonProblem *problem = neon_import_problem(import,
														 &attribute->typing);

		if (problem != NULL)
			return problem;
	}
	return NULL;
}

/*
 * Some built-in types cannot be used: columns cannot have a pseudo-type, and
 * each version has other columns in its system catalogs.
 */
static const NeonProblem *
builtin_problem(NeonCatalogType *type)
{
	Oid			schema = get_namespace_oid(type->schema, true);
	Oid			element;
	char		kind;

	if (OidIsValid(schema))
		type->local = local_type(type->name, schema);
	if (!OidIsValid(type->local))
		return set_problem(type, psprintf("This version of PostgreSQL has no type %s.",
										  type->sql),
						   NULL);

	element = get_element_type(type->local);
	kind = get_typtype(OidIsValid(element) ? element : type->local);
	if (kind == TYPTYPE_PSEUDO || kind == TYPTYPE_COMPOSITE)
		return set_problem(type,
						   psprintf("%s is a pseudo-type or the row type of a system catalog.",
									type->sql),
						   NULL);
	return NULL;
}

static const NeonProblem *
extension_problem(NeonCatalogType *type)
{
	Oid			extension = get_extension_oid(type->extension, true);
	CatCList   *list;

	if (!OidIsValid(extension))
		return set_problem(type,
						   psprintf("Type %s belongs to extension \"%s\", which is not installed here.",
									type->sql, type->extension),
						   psprintf("Run CREATE EXTENSION %s first.",
									quote_identifier(type->extension)));

	list = SearchSysCacheList1(TYPENAMENSP, CStringGetDatum(type->name));
	for (int i = 0; i < list->n_members; i++)
	{
		HeapTuple	tuple = &list->members[i]->tuple;
		Oid			oid = ((Form_pg_type) GETSTRUCT(tuple))->oid;

		if (getExtensionOfObject(TypeRelationId, oid) == extension)
			type->local = oid;
	}
	ReleaseSysCacheList(list);

	if (!OidIsValid(type->local))
		return set_problem(type,
						   psprintf("Extension \"%s\" has no type %s here.",
									type->extension, type->name),
						   psprintf("Run ALTER EXTENSION %s UPDATE first.",
									quote_identifier(type->extension)));
	return NULL;
}

static bool
is_imported_table(NeonImportTypes *import, const char *name)
{
	ListCell   *lc;

	foreach(lc, import->tables)
	{
		if (strcmp(lfirst(lc), name) == 0)
			return true;
	}
	return false;
}

/*
 * Will something else that is imported have the type's name in the local
 * schema?  Tables have types of their name, and the types of several remote
 * schemas come into one local schema.
 */
static bool
name_is_taken(NeonImportTypes *import, NeonCatalogType *type)
{
	HASH_SEQ_STATUS status;
	NeonCatalogType *other;

	if (is_imported_table(import, type->name))
		return true;

	hash_seq_init(&status, import->catalog->hash);
	while ((other = hash_seq_search(&status)) != NULL)
	{
		if (other != type && other->extension == NULL &&
			(other->state == TYPE_EXISTS || other->state == TYPE_TO_CREATE) &&
			other->kind != NEON_TYPTYPE_ARRAY &&
			!neon_catalog_type_is_builtin(other) &&
			strcmp(other->name, type->name) == 0)
		{
			hash_seq_term(&status);
			return true;
		}
	}
	return false;
}

/*
 * Adds to a type that exists what is new on the remote.  If that does not
 * make them the same, the caller finds out.
 */
static void
refresh_type(NeonImportTypes *import, NeonCatalogType *type, Oid local)
{
	int			count;

	if (get_typtype(local) != type->kind)
		return;
	if (type->kind == TYPTYPE_ENUM)
		neon_refresh_enum(local, type);
	if (type->kind != TYPTYPE_COMPOSITE || type->is_table)
		return;
	count = neon_count_attributes(import->catalog, local, type->attributes);
	for (int i = count; i >= 0 && i < list_length(type->attributes); i++)
	{
		NeonRemoteAttribute *attribute = list_nth(type->attributes, i);

		neon_refresh_attribute(local, attribute->name,
							   psprintf("%s%s",
										neon_import_make_type(import,
															  &attribute->typing),
										neon_import_collate(import,
															&attribute->typing)));
	}
}

static const NeonProblem *
user_type_problem(NeonImportTypes *import, NeonCatalogType *type)
{
	const NeonProblem *problem = parts_problem(import, type);
	Oid			local = local_type(type->name, import->schema_oid);
	const char *name = quote_qualified_identifier(import->schema, type->name);

	if (problem != NULL)
		return problem;
	if (type->is_table && is_imported_table(import, type->name))
		return set_problem(type,
						   psprintf("Type %s is the row type of a table that is imported by the same statement.",
									type->sql),
						   "Import that table first, by itself.");
	if (name_is_taken(import, type))
		return set_problem(type,
						   psprintf("Something else that is imported has the name of type %s.",
									type->sql),
						   "Import into several schemas.");
	if (OidIsValid(local))
	{
		if (import->refresh)
			refresh_type(import, type, local);
		if (!neon_type_matches(import->catalog, type, local))
			return set_problem(type,
							   psprintf("Type %s exists, but is not the same as the remote type %s.",
										name, type->sql),
							   "Drop or rename it, or import into another schema.");
		type->local = local;
		return NULL;
	}

	if (type->is_table ||
		(type->kind != TYPTYPE_ENUM && type->kind != TYPTYPE_DOMAIN &&
		 type->kind != TYPTYPE_COMPOSITE))
		return set_problem(type,
						   psprintf("Type %s does not exist, and only enums, domains and free-standing composite types are created.",
									name),
						   "Create a type of this name that has the same text form.");
	if (!import->options->import_types)
		return set_problem(type, psprintf("Type %s does not exist.", name),
						   "Create it, or set import_types to true.");
	return NULL;
}

/* An array is possible if its element is, and exists if that does. */
static const NeonProblem *
array_problem(NeonImportTypes *import, NeonCatalogType *type)
{
	const NeonProblem *problem = parts_problem(import, type);
	Oid			element;

	if (problem != NULL)
		return problem;
	element = counterpart(import, type->related.type);
	if (!OidIsValid(element))
		return NULL;
	type->local = get_array_type(element);
	if (!OidIsValid(type->local))
		return set_problem(type, psprintf("Type %s has no array type here.",
										  format_type_be_qualified(element)),
						   NULL);
	return NULL;
}

static const NeonProblem *
type_problem(NeonImportTypes *import, Oid remote)
{
	NeonCatalogType *type = neon_catalog_type(import->catalog, remote);
	const NeonProblem *problem;

	check_stack_depth();
	switch (type->state)
	{
		case TYPE_EXISTS:
		case TYPE_TO_CREATE:
			return NULL;
		case TYPE_IN_WORK:
			return set_problem(type, psprintf("Type %s contains itself.",
											  type->sql), NULL);
		case TYPE_IMPOSSIBLE:
			return &type->problem;
	}

	type->state = TYPE_IN_WORK;
	if (neon_catalog_type_is_builtin(type))
		problem = builtin_problem(type);
	else if (type->kind == NEON_TYPTYPE_ARRAY)
		problem = array_problem(import, type);
	else if (type->extension != NULL)
		problem = extension_problem(type);
	else
		problem = user_type_problem(import, type);

	if (problem != NULL)
	{
		type->state = TYPE_IMPOSSIBLE;
		type->problem = *problem;
		return &type->problem;
	}
	type->state = OidIsValid(type->local) ? TYPE_EXISTS : TYPE_TO_CREATE;
	return NULL;
}

char *
neon_import_collate(NeonImportTypes *import, const NeonTyping *typing)
{
	if (typing->collation == NULL || !import->options->import_collate)
		return "";
	return psprintf(" COLLATE %s",
					quote_qualified_identifier(typing->collation_schema,
											   typing->collation));
}

/*
 * A domain's default and its constraints, NOT NULL included, are not created:
 * the remote checks what it stores, and a check that fails here could only
 * make rows unreadable, or keep the remote's default from being used.
 */
static char *
create_command(NeonImportTypes *import, NeonCatalogType *type)
{
	const char *name = quote_qualified_identifier(import->schema, type->name);
	StringInfoData buf;
	ListCell   *lc;
	const char *separator = "";

	initStringInfo(&buf);
	if (type->kind == TYPTYPE_DOMAIN)
	{
		appendStringInfo(&buf, "CREATE DOMAIN %s AS %s%s", name,
						 neon_import_make_type(import, &type->related),
						 neon_import_collate(import, &type->related));
		return buf.data;
	}

	appendStringInfo(&buf, "CREATE TYPE %s AS %s(", name,
					 type->kind == TYPTYPE_ENUM ? "ENUM " : "");
	foreach(lc, type->labels)
	{
		appendStringInfo(&buf, "%s%s", separator,
						 quote_literal_cstr(lfirst(lc)));
		separator = ", ";
	}
	foreach(lc, type->attributes)
	{
		NeonRemoteAttribute *attribute = lfirst(lc);

		appendStringInfo(&buf, "%s%s %s%s", separator,
						 quote_identifier(attribute->name),
						 neon_import_make_type(import, &attribute->typing),
						 neon_import_collate(import, &attribute->typing));
		separator = ", ";
	}
	appendStringInfoChar(&buf, ')');
	return buf.data;
}

/*
 * Creates the type as the user who imports and in the local transaction, so
 * that a later error takes it away again.
 */
static void
create_type(NeonImportTypes *import, NeonCatalogType *type)
{
	neon_run_command(create_command(import, type));
	type->local = local_type(type->name, import->schema_oid);
	if (!OidIsValid(type->local))
		elog(ERROR, "type \"%s\" was not created", type->name);
}

char *
neon_import_make_type(NeonImportTypes *import, const NeonTyping *typing)
{
	NeonCatalogType *type = neon_catalog_type(import->catalog, typing->type);

	check_stack_depth();
	if (type->state == TYPE_TO_CREATE)
	{
		if (type->kind == NEON_TYPTYPE_ARRAY)
		{
			(void) neon_import_make_type(import, &type->related);
			type->local = get_array_type(counterpart(import,
													 type->related.type));
		}
		else
			create_type(import, type);
		type->state = TYPE_EXISTS;
	}
	return format_type_extended(type->local, typing->typmod,
								FORMAT_TYPE_TYPEMOD_GIVEN |
								FORMAT_TYPE_FORCE_QUALIFY);
}
