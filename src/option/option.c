/*-------------------------------------------------------------------------
 *
 * option/option.c
 *		Options of servers, user mappings, tables and columns.
 *
 * The table in option/definition.c says for each option where it belongs, what
 * its value looks like, who may set it and which field it fills; everything
 * here is generic.  Values are checked again when they are read: a superuser can
 * take the validator away from the foreign-data wrapper, and a wrong value
 * must then be an error and not a crash.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/reloptions.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_user_mapping.h"
#include "commands/defrem.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

#include "option/address.h"
#include "option/extension_schemas.h"
#include "option/option.h"
#include "option/value.h"

/* The value of an option that is kept as text. */
static char *
text_value(const NeonOption *option, const char *value)
{
	const char *name = option->name;

	switch (option->kind)
	{
		case NEON_OPTION_HOST:
			return neon_value_host(name, value);
		case NEON_OPTION_RELATION:
			return neon_value_relation(name, value);
		case NEON_OPTION_TYPE:
			return neon_value_type(name, value);
		case NEON_OPTION_PRINTABLE:
			neon_value_check_printable(name, value);
			break;
		case NEON_OPTION_TOKEN:
			neon_value_check_token(name, value);
			break;
		case NEON_OPTION_URL:
			neon_value_check_url(name, value);
			break;
		case NEON_OPTION_PROXY:
			neon_value_check_proxy(name, value);
			break;
		default:
			neon_value_check_not_empty(name, value);
			break;
	}
	return pstrdup(value);
}

/*
 * Puts a value into its field of the structure at result.
 */
static void
store_value(const NeonOption *option, const char *value, void *result)
{
	const char *name = option->name;
	void	   *field = (char *) result + option->offset;

	neon_value_check_characters(name, value);
	switch (option->kind)
	{
		case NEON_OPTION_TEXT:
		case NEON_OPTION_PRINTABLE:
		case NEON_OPTION_TOKEN:
		case NEON_OPTION_HOST:
		case NEON_OPTION_URL:
		case NEON_OPTION_PROXY:
		case NEON_OPTION_RELATION:
		case NEON_OPTION_TYPE:
			*(char **) field = text_value(option, value);
			break;
		case NEON_OPTION_BOOL:
			*(bool *) field = neon_value_bool(name, value);
			break;
		case NEON_OPTION_OVERRIDE:
			*(NeonOverride *) field = neon_value_bool(name, value) ?
				NEON_OVERRIDE_TRUE : NEON_OVERRIDE_FALSE;
			break;
		case NEON_OPTION_INTEGER:
			*(int *) field = neon_value_integer(name, value,
												option->min, option->max);
			break;
		case NEON_OPTION_COST:
			*(double *) field = neon_value_cost(name, value);
			break;
		case NEON_OPTION_CONSISTENCY:
			*(bool *) field = neon_value_consistency(name, value);
			break;
		case NEON_OPTION_READ_CHECKS:
			*(NeonReadChecks *) field = neon_value_read_checks(name, value);
			break;
		case NEON_OPTION_TRANSACTIONS:
			*(bool *) field = neon_value_autocommit(name, value);
			break;
		case NEON_OPTION_SSLMODE:
			*(NeonSslMode *) field = neon_value_sslmode(name, value);
			break;
		case NEON_OPTION_REQUEST_HOST:
			*(NeonRequestHost *) field = neon_value_request_host(name, value);
			break;
		case NEON_OPTION_SAMPLING:
			*(NeonSampling *) field = neon_value_sampling(name, value);
			break;
		case NEON_OPTION_EXTENSIONS:
			*(List **) field = neon_extension_list(value, false);
			break;
		case NEON_OPTION_EXTENSION_SCHEMAS:
			*(List **) field = neon_extension_schemas_parse(name, value);
			break;
	}
}

void
neon_option_check(const NeonOption *option, const char *value)
{
	union
	{
		NeonServerOptions server;
		NeonUserOptions user;
		NeonTableOptions table;
		NeonColumnOptions column;
		NeonImportOptions import;
	}			scratch;

	store_value(option, value, &scratch);
	if (option->kind == NEON_OPTION_EXTENSIONS)
		(void) neon_extension_list(value, true);
}

/* Defaults first, then what is set. */
static void
fill_options(NeonOptionObject object, List *options, void *result)
{
	ListCell   *lc;

	for (const NeonOption *option = neon_option_table; option->name; option++)
	{
		if (option->object == object && option->initial != NULL)
			store_value(option, option->initial, result);
	}
	foreach(lc, options)
	{
		DefElem    *def = lfirst_node(DefElem, lc);
		const NeonOption *option = neon_option_find(object, def->defname);

		if (option != NULL)
			store_value(option, defGetString(def), result);
	}
}

NeonServerOptions *
neon_server_options(ForeignServer *server)
{
	NeonServerOptions *result = palloc0_object(NeonServerOptions);

	fill_options(NEON_OPTION_SERVER, server->options, result);
	if (result->host == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_DYNAMIC_PARAMETER_VALUE_NEEDED),
				 errmsg("option \"host\" of server \"%s\" is not set",
						server->servername)));
	return result;
}

NeonUserOptions *
neon_user_options(UserMapping *user)
{
	NeonUserOptions *result = palloc0_object(NeonUserOptions);

	fill_options(NEON_OPTION_USER_MAPPING, user->options, result);
	return result;
}

NeonTableOptions *
neon_table_options(Oid relid)
{
	NeonTableOptions *result = palloc0_object(NeonTableOptions);

	result->fetch_ahead = -1;
	fill_options(NEON_OPTION_TABLE, GetForeignTable(relid)->options, result);
	if (result->schema_name == NULL)
		result->schema_name = get_namespace_name(get_rel_namespace(relid));
	if (result->table_name == NULL)
		result->table_name = get_rel_name(relid);
	return result;
}

/*
 * Reads one column's options; leaves result as it is if the column has been
 * dropped.
 */
static void
fill_column_options(Oid relid, AttrNumber attnum, NeonColumnOptions *result)
{
	HeapTuple	tuple;
	Form_pg_attribute attribute;
	Datum		datum;
	bool		isnull;

	tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relid),
							Int16GetDatum(attnum));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for attribute %d of relation %u",
			 attnum, relid);
	attribute = (Form_pg_attribute) GETSTRUCT(tuple);
	if (!attribute->attisdropped)
	{
		datum = SysCacheGetAttr(ATTNUM, tuple,
								Anum_pg_attribute_attfdwoptions, &isnull);
		fill_options(NEON_OPTION_COLUMN,
					 isnull ? NIL : untransformRelOptions(datum), result);
		if (result->column_name == NULL)
			result->column_name = pstrdup(NameStr(attribute->attname));
	}
	ReleaseSysCache(tuple);
}

NeonColumnOptions *
neon_column_options(Oid relid, AttrNumber attnum)
{
	NeonColumnOptions *result = palloc0_object(NeonColumnOptions);

	fill_column_options(relid, attnum, result);
	return result;
}

NeonColumnOptions *
neon_relation_column_options(Oid relid, int *natts)
{
	NeonColumnOptions *result;
	HeapTuple	tuple;

	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", relid);
	*natts = ((Form_pg_class) GETSTRUCT(tuple))->relnatts;
	ReleaseSysCache(tuple);

	result = palloc0_array(NeonColumnOptions, *natts);
	for (int i = 0; i < *natts; i++)
		fill_column_options(relid, i + 1, &result[i]);
	return result;
}

NeonImportOptions *
neon_import_options(List *options)
{
	NeonImportOptions *result = palloc0_object(NeonImportOptions);
	ListCell   *lc;

	foreach(lc, options)
	{
		DefElem    *def = lfirst_node(DefElem, lc);

		if (neon_option_find(NEON_OPTION_IMPORT, def->defname) == NULL)
			neon_option_unknown(NEON_OPTION_IMPORT, def->defname);
	}
	fill_options(NEON_OPTION_IMPORT, options, result);
	return result;
}

List *
neon_extension_list(const char *names, bool warn)
{
	List	   *result = NIL;
	List	   *list;
	ListCell   *lc;

	/* SplitIdentifierString() writes into its input */
	if (!SplitIdentifierString(pstrdup(names), ',', &list))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" must be a list of extension names",
						"extensions")));

	foreach(lc, list)
	{
		const char *name = lfirst(lc);
		Oid			extension = get_extension_oid(name, true);

		if (OidIsValid(extension))
			result = list_append_unique_oid(result, extension);
		else if (warn)
			ereport(WARNING,
					(errcode(ERRCODE_UNDEFINED_OBJECT),
					 errmsg("extension \"%s\" is not installed", name)));
	}
	return result;
}

UserMapping *
neon_user_mapping(Oid userid, Oid serverid)
{
	return GetUserMapping(OidIsValid(userid) ? userid : GetUserId(), serverid);
}

Oid
neon_user_mapping_oid(Oid userid, Oid serverid)
{
	HeapTuple	tuple;
	Oid			result;

	if (!OidIsValid(userid))
		userid = GetUserId();
	tuple = SearchSysCache2(USERMAPPINGUSERSERVER, ObjectIdGetDatum(userid),
							ObjectIdGetDatum(serverid));
	if (!HeapTupleIsValid(tuple))
		tuple = SearchSysCache2(USERMAPPINGUSERSERVER,
								ObjectIdGetDatum(InvalidOid),
								ObjectIdGetDatum(serverid));
	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	result = ((Form_pg_user_mapping) GETSTRUCT(tuple))->oid;
	ReleaseSysCache(tuple);
	return result;
}
