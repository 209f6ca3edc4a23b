/*-------------------------------------------------------------------------
 *
 * option/validator.c
 *		The check that CREATE and ALTER call for options.
 *
 * It always sees the whole list that would result, not what the statement
 * changes.  So somebody who is not a superuser can neither set what is
 * reserved for superusers nor alter a server or user mapping on which that
 * is set, unless the same statement drops it.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/reloptions.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_foreign_table.h"
#include "catalog/pg_user_mapping.h"
#include "commands/defrem.h"
#include "miscadmin.h"
#include "tcop/pquery.h"
#include "utils/builtins.h"

#include "option/address.h"
#include "option/option.h"
#include "option/preload.h"
#include "option/value.h"

PG_FUNCTION_INFO_V1(neon_http_fdw_validator);

static NeonOptionObject
object_of_catalog(Oid catalog)
{
	switch (catalog)
	{
		case ForeignServerRelationId:
			return NEON_OPTION_SERVER;
		case UserMappingRelationId:
			return NEON_OPTION_USER_MAPPING;
		case ForeignTableRelationId:
			return NEON_OPTION_TABLE;
		case AttributeRelationId:
			return NEON_OPTION_COLUMN;
		default:
			return NEON_OPTION_NOWHERE;
	}
}

/*
 * Throws if a valid value is reserved for superusers and the user is none.
 */
static void
check_privilege(const NeonOption *option, const char *value)
{
	const char *detail = NULL;

	switch (option->rule)
	{
		case NEON_OPTION_ANYBODY:
			break;
		case NEON_OPTION_SUPERUSER:
			detail = "Only superusers may set it.";
			break;
		case NEON_OPTION_SUPERUSER_FALSE:
			if (!neon_value_bool(option->name, value))
				detail = "Only superusers may set it to false.";
			break;
		case NEON_OPTION_SUPERUSER_UNVERIFIED:
			if (neon_value_sslmode(option->name, value) != NEON_SSL_VERIFY_FULL)
				detail = "Only superusers may set it to another value than \"verify-full\".";
			break;
		case NEON_OPTION_SUPERUSER_PLAIN:
			if (neon_value_is_plain_url(value))
				detail = "Only superusers may set a URL that is not https.";
			break;
	}
	if (detail == NULL || superuser())
		return;

	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied to set option \"%s\"", option->name),
			 errdetail_internal("%s", detail),
			 errhint("A server or user mapping with this setting may only be created or altered by a superuser.")));
}

Datum
neon_http_fdw_validator(PG_FUNCTION_ARGS)
{
	List	   *options = untransformRelOptions(PG_GETARG_DATUM(0));
	NeonOptionObject object = object_of_catalog(PG_GETARG_OID(1));
	bool		has_host = false;
	ListCell   *lc;

	foreach(lc, options)
	{
		DefElem    *def = lfirst_node(DefElem, lc);
		const NeonOption *option = neon_option_find(object, def->defname);
		char	   *value;

		if (option == NULL)
			neon_option_unknown(object, def->defname);
		value = defGetString(def);
		neon_option_check(option, value);
		check_privilege(option, value);
		if (option->kind == NEON_OPTION_HOST)
			has_host = true;
	}

	if (object == NEON_OPTION_SERVER && !has_host)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_DYNAMIC_PARAMETER_VALUE_NEEDED),
				 errmsg("option \"host\" is required"),
				 errhint("Set option \"host\" to the host name in the connection string of your Neon project.")));

	/* this is where somebody begins to use the extension */
	if (ActivePortal != NULL &&
		ActivePortal->commandTag == CMDTAG_CREATE_SERVER)
		neon_preload_tell();
	PG_RETURN_VOID();
}
