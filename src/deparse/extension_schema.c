/*-------------------------------------------------------------------------
 *
 * deparse/extension_schema.c
 *		Names of extensions' objects, as the remote has them.
 *
 * ruleutils prints the objects of extensions with the schema that they have
 * here.  Where that is another one on the remote, it is replaced in the text:
 * the places are "schema.function(", "OPERATOR(schema.operator)" and
 * "::schema.type".  Nothing else that is printed looks like these, since the
 * names of columns are not followed by a parenthesis, and the catalog tells
 * whether there is such an object of the extension.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/syscache.h"

#include "deparse/extension_schema.h"
#include "option/extension_schemas.h"

/* The name at p, without its quotes; *end is set behind it.  NULL: none. */
static char *
read_name(const char *p, const char **end)
{
	StringInfoData name;

	initStringInfo(&name);
	if (*p != '"')
	{
		while (isalnum((unsigned char) *p) || *p == '_' || *p == '$' ||
			   IS_HIGHBIT_SET(*p))
			appendStringInfoChar(&name, *p++);
		*end = p;
		return name.len > 0 ? name.data : NULL;
	}
	for (p++; *p != '\0'; p++)
	{
		if (*p == '"' && *++p != '"')
		{
			*end = p;
			return name.data;
		}
		appendStringInfoChar(&name, *p);
	}
	return NULL;
}

static bool
follows(const char *printed, const char *p, const char *text)
{
	size_t		len = strlen(text);

	return p - printed >= len && memcmp(p - len, text, len) == 0;
}

/* The extension of an object of this name in this schema, or invalid. */
static Oid
extension_of(int cacheid, const char *name, Oid schema)
{
	CatCList   *list = SearchSysCacheList1(cacheid, CStringGetDatum(name));
	Oid			extension = InvalidOid;

	for (int i = 0; i < list->n_members && !OidIsValid(extension); i++)
	{
		HeapTuple	tuple = &list->members[i]->tuple;

		if (cacheid == PROCNAMEARGSNSP)
		{
			Form_pg_proc form = (Form_pg_proc) GETSTRUCT(tuple);

			if (form->pronamespace == schema)
				extension = getExtensionOfObject(ProcedureRelationId,
												 form->oid);
		}
		else if (cacheid == OPERNAMENSP)
		{
			Form_pg_operator form = (Form_pg_operator) GETSTRUCT(tuple);

			if (form->oprnamespace == schema)
				extension = getExtensionOfObject(OperatorRelationId,
												 form->oid);
		}
		else
		{
			Form_pg_type form = (Form_pg_type) GETSTRUCT(tuple);

			if (form->typnamespace == schema)
				extension = getExtensionOfObject(TypeRelationId, form->oid);
		}
	}
	ReleaseSysCacheList(list);
	return extension;
}

/* The object's name begins behind the dot; what is it a name of? */
static Oid
find_extension(const char *printed, const char *p, const char *dot,
			   Oid schema)
{
	const char *end;
	char	   *name;

	if (follows(printed, p, "OPERATOR("))
		return extension_of(OPERNAMENSP,
							pnstrdup(dot + 1, strcspn(dot + 1, ")")), schema);
	name = read_name(dot + 1, &end);
	if (name == NULL)
		return InvalidOid;
	if (follows(printed, p, "::"))
		return extension_of(TYPENAMENSP, name, schema);
	return *end == '(' ? extension_of(PROCNAMEARGSNSP, name, schema) :
		InvalidOid;
}

const char *
neon_append_extension_schema(StringInfo text, const char *printed,
							 const char *p, List *schemas)
{
	const char *dot;
	char	   *name;
	Oid			schema;
	Oid			extension;
	ListCell   *lc;

	if (schemas == NIL || follows(printed, p, "."))
		return NULL;
	name = read_name(p, &dot);
	if (name == NULL || *dot != '.')
		return NULL;
	schema = get_namespace_oid(name, true);
	if (!OidIsValid(schema))
		return NULL;
	extension = find_extension(printed, p, dot, schema);
	if (!OidIsValid(extension))
		return NULL;
	foreach(lc, schemas)
	{
		NeonExtensionSchema *entry = lfirst(lc);

		if (get_extension_oid(entry->extension, true) != extension)
			continue;
		appendStringInfoString(text, quote_identifier(entry->schema));
		return dot;
	}
	return NULL;
}
