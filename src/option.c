/*-------------------------------------------------------------------------
 *
 * option.c
 *		Options of servers, user mappings, tables and columns.
 *
 * The table says for each option where it belongs, what its value looks
 * like, who may set it and which field it fills; everything else here is
 * generic.  Values are checked again when they are read: a superuser can
 * take the validator away from the foreign-data wrapper, and a wrong value
 * must then be an error and not a crash.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>

#include "access/htup_details.h"
#include "access/reloptions.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "commands/defrem.h"
#include "commands/extension.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

#include "option.h"
#include "option_value.h"

/*
 * Timeouts are milliseconds in an int to those who wait.
 */
#define MAX_SECONDS (INT_MAX / 1000)

/*
 * More tries than this would only mean to wait for ever: the pauses between
 * them grow.
 */
#define MAX_RETRIES 100

/*
 * Costs are in the planner's unit, a sequential page read, of which a local
 * server makes some 200 in a millisecond.  A round trip over HTTPS to another
 * network takes 5 ms and more, hence 1000: enough that a plan with one
 * request beats one with several, and that a request per row is never
 * chosen.  A row of a hundred bytes needs about a microsecond on the wire at
 * 1 Gbit/s and as much to be decoded: 0.2 is less than it costs over slow
 * lines, but what weighs there (latency) is in the other number.
 */
#define STARTUP_COST "1000"
#define TUPLE_COST "0.2"

/* pgindent would fold these into columns that nobody can read */
/* *INDENT-OFF* */
const NeonOption neon_option_table[] = {
	{"host", NEON_OPTION_SERVER,
		NEON_OPTION_HOST, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, host), NULL,
		"Host name of the endpoint, as in the connection string; required. A `-pooler` suffix of the first label is dropped"},
	{"port", NEON_OPTION_SERVER,
		NEON_OPTION_INTEGER, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, port), "443",
		"Port of the endpoint",
		1, 65535},
	{"dbname", NEON_OPTION_SERVER,
		NEON_OPTION_TEXT, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, dbname), NULL,
		"Name of the remote database; without it the name of the remote user"},
	{"url", NEON_OPTION_SERVER,
		NEON_OPTION_URL, NEON_OPTION_SUPERUSER_PLAIN,
		offsetof(NeonServerOptions, url), NULL,
		"Full URL to send requests to, for example of a local endpoint; no credentials. Without it `https://`, `host` with `api` as its first label, `:port/sql`"},
	{"options", NEON_OPTION_SERVER,
		NEON_OPTION_PRINTABLE, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, options), NULL,
		"Passed on in the connection string: `neon_lsn:...`, `neon_timestamp:...`, separated by spaces"},
	{"sslmode", NEON_OPTION_SERVER,
		NEON_OPTION_SSLMODE, NEON_OPTION_SUPERUSER_UNVERIFIED,
		offsetof(NeonServerOptions, sslmode), NULL,
		"`verify-full` verifies certificate and host name, `require` nothing, `disable` means plain http; without it `verify-full`, or `require` if the server process has an empty `SSL_CERT_FILE`"},
	{"sslrootcert", NEON_OPTION_SERVER,
		NEON_OPTION_TEXT, NEON_OPTION_SUPERUSER,
		offsetof(NeonServerOptions, sslrootcert), NULL,
		"File with the CA certificates to trust; without it `SSL_CERT_FILE` of the server process, or the system's"},
	{"proxy", NEON_OPTION_SERVER,
		NEON_OPTION_PROXY, NEON_OPTION_SUPERUSER,
		offsetof(NeonServerOptions, proxy), NULL,
		"Proxy to connect through, as `http://host:port`; empty for none; without it `HTTPS_PROXY` and `NO_PROXY` of the server process"},
	{"connect_timeout", NEON_OPTION_SERVER,
		NEON_OPTION_INTEGER, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, connect_timeout), "10",
		"Seconds that each attempt to connect may take, 0 for no limit",
		0, MAX_SECONDS},
	{"request_timeout", NEON_OPTION_SERVER,
		NEON_OPTION_INTEGER, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, request_timeout), "0",
		"Seconds that a request may take, retries included, 0 for no limit",
		0, MAX_SECONDS},
	{"max_retries", NEON_OPTION_SERVER,
		NEON_OPTION_INTEGER, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, max_retries), "5",
		"How often a request that failed on the way, and can safely be repeated, is sent again",
		0, MAX_RETRIES},
	{"keep_connections", NEON_OPTION_SERVER,
		NEON_OPTION_BOOL, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, keep_connections), "true",
		"Keep connections open for the next statement of the session"},
	{"read_only_scans", NEON_OPTION_SERVER,
		NEON_OPTION_BOOL, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, read_only_scans), "true",
		"Read in a READ ONLY transaction; switch off for remote views and functions that write"},
	{"consistent_reads", NEON_OPTION_SERVER,
		NEON_OPTION_CONSISTENCY, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, consistent_reads), "relaxed",
		"What to do with a table that does not fit into one reply of the endpoint: `relaxed` reads it in pieces, each with a snapshot of its own, and warns; `strict` fails"},
	{"extensions", NEON_OPTION_SERVER,
		NEON_OPTION_EXTENSIONS, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, extensions), NULL,
		"Extensions, separated by commas, that are the same here and there, so that their immutable functions and operators may run remotely"},
	{"fdw_startup_cost", NEON_OPTION_SERVER,
		NEON_OPTION_COST, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, fdw_startup_cost), STARTUP_COST,
		"Planner's cost of one request"},
	{"fdw_tuple_cost", NEON_OPTION_SERVER,
		NEON_OPTION_COST, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, fdw_tuple_cost), TUPLE_COST,
		"Planner's cost of transferring one row"},
	{"use_remote_size", NEON_OPTION_SERVER,
		NEON_OPTION_BOOL, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, use_remote_size), "true",
		"Ask the remote for the size of tables that were never analyzed here: once per session, when a statement has more than one table"},
	{"use_remote_estimate", NEON_OPTION_SERVER,
		NEON_OPTION_BOOL, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, use_remote_estimate), "false",
		"Plan with what the remote's `EXPLAIN` expects: better estimates, for a request per table, join and grouping that is planned"},
	{"analyze_sampling", NEON_OPTION_SERVER,
		NEON_OPTION_SAMPLING, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, analyze_sampling), "auto",
		"How `ANALYZE` takes its sample on the remote: `auto` (random rows of random pages), `system`, `bernoulli` (TABLESAMPLE), `random` (every row has the same chance), `off` (all rows come here)"},

	{"user", NEON_OPTION_USER_MAPPING,
		NEON_OPTION_TEXT, NEON_OPTION_ANYBODY,
		offsetof(NeonUserOptions, user), NULL,
		"Remote role; required"},
	{"password", NEON_OPTION_USER_MAPPING,
		NEON_OPTION_TEXT, NEON_OPTION_ANYBODY,
		offsetof(NeonUserOptions, password), NULL,
		"Its password; required unless the local user is a superuser or `password_required` is false"},
	{"password_required", NEON_OPTION_USER_MAPPING,
		NEON_OPTION_BOOL, NEON_OPTION_SUPERUSER_FALSE,
		offsetof(NeonUserOptions, password_required), "true",
		"Must the mapping of a user who is not a superuser have a password?"},

	{"schema_name", NEON_OPTION_TABLE,
		NEON_OPTION_TEXT, NEON_OPTION_ANYBODY,
		offsetof(NeonTableOptions, schema_name), NULL,
		"Remote schema; without it the name of the local one"},
	{"table_name", NEON_OPTION_TABLE,
		NEON_OPTION_TEXT, NEON_OPTION_ANYBODY,
		offsetof(NeonTableOptions, table_name), NULL,
		"Remote table; without it the name of the local one"},
	{"use_remote_size", NEON_OPTION_TABLE,
		NEON_OPTION_OVERRIDE, NEON_OPTION_ANYBODY,
		offsetof(NeonTableOptions, use_remote_size), NULL,
		"As for the server, which it overrides"},
	{"use_remote_estimate", NEON_OPTION_TABLE,
		NEON_OPTION_OVERRIDE, NEON_OPTION_ANYBODY,
		offsetof(NeonTableOptions, use_remote_estimate), NULL,
		"As for the server, which it overrides"},
	{"analyze_sampling", NEON_OPTION_TABLE,
		NEON_OPTION_SAMPLING, NEON_OPTION_ANYBODY,
		offsetof(NeonTableOptions, analyze_sampling), NULL,
		"As for the server, which it overrides"},

	{"column_name", NEON_OPTION_COLUMN,
		NEON_OPTION_TEXT, NEON_OPTION_ANYBODY,
		offsetof(NeonColumnOptions, column_name), NULL,
		"Remote column; without it the name of the local one"},
	{"type_name", NEON_OPTION_COLUMN,
		NEON_OPTION_TYPE, NEON_OPTION_ANYBODY,
		offsetof(NeonColumnOptions, type_name), NULL,
		"Remote name of the column's type, qualified, if it is not a built-in one; without it the column's conditions are evaluated locally"},
	{"key", NEON_OPTION_COLUMN,
		NEON_OPTION_BOOL, NEON_OPTION_ANYBODY,
		offsetof(NeonColumnOptions, key), "false",
		"Is the column part of the remote primary key?"},

	{"import_collate", NEON_OPTION_IMPORT,
		NEON_OPTION_BOOL, NEON_OPTION_ANYBODY,
		offsetof(NeonImportOptions, import_collate), "true",
		"Import the columns' collations"},
	{"import_default", NEON_OPTION_IMPORT,
		NEON_OPTION_BOOL, NEON_OPTION_ANYBODY,
		offsetof(NeonImportOptions, import_default), "false",
		"Import the columns' defaults"},
	{"import_generated", NEON_OPTION_IMPORT,
		NEON_OPTION_BOOL, NEON_OPTION_ANYBODY,
		offsetof(NeonImportOptions, import_generated), "true",
		"Import the expressions of generated columns"},
	{"import_not_null", NEON_OPTION_IMPORT,
		NEON_OPTION_BOOL, NEON_OPTION_ANYBODY,
		offsetof(NeonImportOptions, import_not_null), "true",
		"Import NOT NULL constraints"},
	{"import_types", NEON_OPTION_IMPORT,
		NEON_OPTION_BOOL, NEON_OPTION_ANYBODY,
		offsetof(NeonImportOptions, import_types), "true",
		"Create enums, domains and composite types that are missing in the local schema"},

	{NULL}
};
/* *INDENT-ON* */

const NeonOption *
neon_option_find(NeonOptionObject object, const char *name)
{
	for (const NeonOption *option = neon_option_table; option->name; option++)
	{
		if (option->object == object && strcmp(option->name, name) == 0)
			return option;
	}
	return NULL;
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
			neon_value_check_not_empty(name, value);
			*(char **) field = pstrdup(value);
			break;
		case NEON_OPTION_PRINTABLE:
			neon_value_check_printable(name, value);
			*(char **) field = pstrdup(value);
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
		case NEON_OPTION_HOST:
			*(char **) field = neon_value_host(name, value);
			break;
		case NEON_OPTION_URL:
			neon_value_check_url(name, value);
			*(char **) field = pstrdup(value);
			break;
		case NEON_OPTION_PROXY:
			neon_value_check_proxy(name, value);
			*(char **) field = pstrdup(value);
			break;
		case NEON_OPTION_CONSISTENCY:
			*(bool *) field = neon_value_consistency(name, value);
			break;
		case NEON_OPTION_SSLMODE:
			*(NeonSslMode *) field = neon_value_sslmode(name, value);
			break;
		case NEON_OPTION_SAMPLING:
			*(NeonSampling *) field = neon_value_sampling(name, value);
			break;
		case NEON_OPTION_EXTENSIONS:
			*(List **) field = neon_extension_list(value, false);
			break;
		case NEON_OPTION_TYPE:
			*(char **) field = neon_value_type(name, value);
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
