/*-------------------------------------------------------------------------
 *
 * option/definition.c
 *		Every option that there is: where it belongs, what its value looks
 *		like, who may set it, and which field it fills.
 *
 * The validator, its hints and the reference of the options are made from this.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>

#include "lib/stringinfo.h"
#include "utils/varlena.h"

#include "option/definition.h"

/* Names further apart than this are no misspellings of each other. */
#define MAX_TYPOS 4

/* Timeouts are milliseconds in an int where they are waited for. */
#define MAX_SECONDS (INT_MAX / 1000)

/*
 * The endpoint has the whole reply before it sends the first byte, so only
 * the network can make one pause.  A minute is longer than a path that works
 * needs to come back, and as long as a connection is tried to be kept alive.
 */
#define STALL_TIMEOUT "60"

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
/* INDENT OFF */
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
		"Full URL to send requests to, for example of a local endpoint; no credentials. Without it `https://`, `host` with `api` as its first label (`apiauth` with a token), `:port/sql`"},
	{"request_host", NEON_OPTION_SERVER,
		NEON_OPTION_REQUEST_HOST, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, request_host), "auto",
		"The host that requests go to when there is no `url`: `api` is the one whose first label is `api`, `endpoint` is `host` itself, `auto` is the first, or `host` itself for the rest of the session if no connection to the first can be made (not with a token)"},
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
	{"stall_timeout", NEON_OPTION_SERVER,
		NEON_OPTION_INTEGER, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, stall_timeout), STALL_TIMEOUT,
		"Seconds that a reply which has begun may pause, 0 for no limit; a query that has not begun to answer is not limited by this",
		0, MAX_SECONDS},
	{"max_retries", NEON_OPTION_SERVER,
		NEON_OPTION_INTEGER, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, max_retries), "5",
		"How often a request that failed on the way, and can safely be repeated, is sent again",
		0, MAX_RETRIES},
	{"application_name", NEON_OPTION_SERVER,
		NEON_OPTION_TEXT, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, application_name), NULL,
		"The remote's `application_name`, with the escapes `%a %c %C %d %p %u %%` of postgres_fdw; `neon_http_fdw.application_name` of a session wins over it; without either it is the session's own"},
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
		"What to do with a table that does not fit into one reply of the endpoint: `relaxed` reads it in pieces, each with a snapshot of its own, and warns; `strict` fails, unless `spill_schema` is set"},
	{"fetch_ahead", NEON_OPTION_SERVER,
		NEON_OPTION_INTEGER, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, fetch_ahead), "1",
		"How many further pieces of a table that is read in pieces are on their way while one is read, 0 to 8",
		0, NEON_MAX_FETCH_AHEAD},
	{"max_connections", NEON_OPTION_SERVER,
		NEON_OPTION_INTEGER, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, max_connections), "4",
		"How many requests of a session may be on their way to the server at once, 1 to 32: for scans of one statement that do not fit into one reply together, and for pieces that are fetched ahead",
		1, NEON_MAX_CONNECTIONS},
	{"read_checks", NEON_OPTION_SERVER,
		NEON_OPTION_READ_CHECKS, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, read_checks), "each",
		"When does the remote compute again what a transaction at `REPEATABLE READ` or `SERIALIZABLE` has read, to fail with 40001 if it has changed: with `each` later request and at the commit, only at the `commit`, or never (`off`: such transactions are isolated as at `READ COMMITTED`)"},
	{"spill_schema", NEON_OPTION_SERVER,
		NEON_OPTION_TEXT, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, spill_schema), NULL,
		"Remote schema in which the remote role may create tables: a result that does not fit into one reply is kept there in an unlogged table, read in pieces, and dropped. Without it such a result is an error, unless it is that of one table's scan"},
	{"transactions", NEON_OPTION_SERVER,
		NEON_OPTION_TRANSACTIONS, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, autocommit), "atomic",
		"`atomic` commits what a local transaction writes when that commits, all of it or nothing; `autocommit` commits each statement by itself, at once"},
	{"commit_ledger", NEON_OPTION_SERVER,
		NEON_OPTION_RELATION, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, commit_ledger), NULL,
		"Remote table `schema.table`, made by `neon_http_ledger_create()`, that every commit leaves a token in: so a commit whose reply is lost is looked up instead of reported as unknown"},
	{"updatable", NEON_OPTION_SERVER,
		NEON_OPTION_BOOL, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, updatable), "true",
		"May tables be written to with `INSERT`, `UPDATE` and `DELETE`?"},
	{"truncatable", NEON_OPTION_SERVER,
		NEON_OPTION_BOOL, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, truncatable), "true",
		"May tables be truncated?"},
	{"extensions", NEON_OPTION_SERVER,
		NEON_OPTION_EXTENSIONS, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, extensions), NULL,
		"Extensions, separated by commas, that are the same here and there, so that their immutable functions and operators may run remotely"},
	{"extension_schemas", NEON_OPTION_SERVER,
		NEON_OPTION_EXTENSION_SCHEMAS, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, extension_schemas), NULL,
		"Extensions that are in another schema on the remote than here, as `extension=schema, ...`; set by IMPORT FOREIGN SCHEMA and `neon_http_attach()`"},
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
	{"async_capable", NEON_OPTION_SERVER,
		NEON_OPTION_BOOL, NEON_OPTION_ANYBODY,
		offsetof(NeonServerOptions, async_capable), "true",
		"Start the scans of a statement before their rows are wanted, and let an Append read them in the order in which rows arrive"},
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
		"Its password; required, unless there is a token, the local user is a superuser, or `password_required` is false"},
	{"auth_token", NEON_OPTION_USER_MAPPING,
		NEON_OPTION_TOKEN, NEON_OPTION_ANYBODY,
		offsetof(NeonUserOptions, auth_token), NULL,
		"Token (JWT) to log in with instead of a password; `neon_http_fdw.auth_token` of a session wins over it"},
	{"password_required", NEON_OPTION_USER_MAPPING,
		NEON_OPTION_BOOL, NEON_OPTION_SUPERUSER_FALSE,
		offsetof(NeonUserOptions, password_required), "true",
		"Must the mapping of a user who is not a superuser have a password or a token?"},

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
	{"async_capable", NEON_OPTION_TABLE,
		NEON_OPTION_OVERRIDE, NEON_OPTION_ANYBODY,
		offsetof(NeonTableOptions, async_capable), NULL,
		"As for the server, which it overrides"},
	{"fetch_ahead", NEON_OPTION_TABLE,
		NEON_OPTION_INTEGER, NEON_OPTION_ANYBODY,
		offsetof(NeonTableOptions, fetch_ahead), NULL,
		"As for the server, which it overrides",
		0, NEON_MAX_FETCH_AHEAD},
	{"updatable", NEON_OPTION_TABLE,
		NEON_OPTION_OVERRIDE, NEON_OPTION_ANYBODY,
		offsetof(NeonTableOptions, updatable), NULL,
		"As for the server, which it overrides"},
	{"truncatable", NEON_OPTION_TABLE,
		NEON_OPTION_OVERRIDE, NEON_OPTION_ANYBODY,
		offsetof(NeonTableOptions, truncatable), NULL,
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
		"Remote name of the column's type, qualified, if it is not a built-in one; without it the column's conditions are evaluated locally. For a column of a built-in type, such as `text` over an enum: what its values are cast to when they are written; conditions are evaluated locally"},
	{"key", NEON_OPTION_COLUMN,
		NEON_OPTION_BOOL, NEON_OPTION_ANYBODY,
		offsetof(NeonColumnOptions, key), "false",
		"Is the column part of the remote primary key?"},
	{"same_order", NEON_OPTION_COLUMN,
		NEON_OPTION_BOOL, NEON_OPTION_ANYBODY,
		offsetof(NeonColumnOptions, same_order), "true",
		"Are the labels of the column's enum type in the same order on both sides? If not, comparisons by order, sorts, `min()` and `max()` stay here; set by IMPORT FOREIGN SCHEMA and `neon_http_attach()`"},

	{"import_collate", NEON_OPTION_IMPORT,
		NEON_OPTION_BOOL, NEON_OPTION_ANYBODY,
		offsetof(NeonImportOptions, import_collate), "true",
		"Import the columns' collations"},
	{"import_default", NEON_OPTION_IMPORT,
		NEON_OPTION_BOOL, NEON_OPTION_ANYBODY,
		offsetof(NeonImportOptions, import_default), "false",
		"Import the columns' defaults, as far as they are constants or harmless built-in functions"},
	{"import_generated", NEON_OPTION_IMPORT,
		NEON_OPTION_BOOL, NEON_OPTION_ANYBODY,
		offsetof(NeonImportOptions, import_generated), "true",
		"Mark generated columns as such, so that they are left out of writes; the remote computes them"},
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
/* INDENT ON */

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
 * "Option x belongs to ...", NULL if no object has an option of this name.
 */
static const char *
other_object_hint(const char *name)
{
	static const char *const objects[] = {
		[NEON_OPTION_SERVER] = "a server",
		[NEON_OPTION_USER_MAPPING] = "a user mapping",
		[NEON_OPTION_TABLE] = "a foreign table",
		[NEON_OPTION_COLUMN] = "a column of a foreign table",
		[NEON_OPTION_IMPORT] = "IMPORT FOREIGN SCHEMA"
	};

	for (const NeonOption *option = neon_option_table; option->name; option++)
	{
		if (strcmp(option->name, name) == 0)
			return psprintf("The option \"%s\" belongs to %s.", name,
							objects[option->object]);
	}
	return NULL;
}

/*
 * The name that the user may have meant.  (PostgreSQL's own helper for that
 * came with version 16 only.)
 */
static const char *
closest_name(NeonOptionObject object, const char *name)
{
	const char *closest = NULL;
	int			length = strlen(name);
	int			limit = Min(MAX_TYPOS, length / 2);

	/* PostgreSQL cuts names to this; longer ones come from elsewhere */
	if (length >= NAMEDATALEN)
		return NULL;

	for (const NeonOption *option = neon_option_table; option->name; option++)
	{
		int			distance;

		if (option->object != object)
			continue;
		distance = varstr_levenshtein_less_equal(name, length, option->name,
												 strlen(option->name), 1, 1, 1,
												 limit, true);
		if (distance <= limit)
		{
			closest = option->name;
			limit = distance - 1;
		}
	}
	return closest;
}

void
neon_option_unknown(NeonOptionObject object, const char *name)
{
	const char *closest = closest_name(object, name);
	const char *other = other_object_hint(name);
	StringInfoData valid;

	initStringInfo(&valid);
	for (const NeonOption *option = neon_option_table; option->name; option++)
	{
		if (option->object == object)
			appendStringInfo(&valid, "%s%s", valid.len > 0 ? ", " : "",
							 option->name);
	}

	ereport(ERROR,
			(errcode(ERRCODE_FDW_INVALID_OPTION_NAME),
			 errmsg("invalid option \"%s\"", name),
			 other ? errhint("%s", other) :
			 closest ? errhint("Perhaps you meant the option \"%s\".",
							   closest) :
			 valid.len > 0 ? errhint("Valid options in this context are: %s",
									 valid.data) :
			 errhint("There are no valid options in this context.")));
}
