/*-------------------------------------------------------------------------
 *
 * schema/attach_server.c
 *		The server and the user mapping of neon_http_attach().
 *
 * The server is made by a command that goes through SPI, like everything
 * else.  The user mapping is not: it has the password, and the text of a
 * command shows up in logs, error contexts and statistics.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/reloptions.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "catalog/pg_user_mapping.h"
#include "commands/defrem.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "parser/scansup.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

#include "functions/function.h"
#include "http/credentials.h"
#include "schema/attach_server.h"
#include "schema/run_command.h"

/* ---------- options ---------- */

static DefElem *
make_option(const char *name, const char *value, DefElemAction action)
{
	return makeDefElemExtended(NULL, pstrdup(name),
							   (Node *) makeString(pstrdup(value)), action,
							   -1);
}

/* NULL if the list has no such option. */
static DefElem *
find_option(List *options, const char *name)
{
	ListCell   *lc;

	foreach(lc, options)
	{
		if (strcmp(lfirst_node(DefElem, lc)->defname, name) == 0)
			return lfirst_node(DefElem, lc);
	}
	return NULL;
}

/* Adds an option to the list, in place of one of the same name. */
static List *
set_option(List *options, const char *name, const char *value)
{
	DefElem    *old = find_option(options, name);

	if (old != NULL)
		options = list_delete_ptr(options, old);
	return lappend(options, make_option(name, value, DEFELEM_UNSPEC));
}

/*
 * Adds options from the function's argument, of which each element is
 * "name=value", as in pg_foreign_server.
 */
static List *
add_user_options(List *options, ArrayType *array)
{
	Datum	   *elements;
	bool	   *nulls;
	int			n;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements,
					  &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		char	   *element = nulls[i] ? NULL : TextDatumGetCString(elements[i]);
		char	   *equals = element != NULL ? strchr(element, '=') : NULL;

		if (equals == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("elements of parameter \"%s\" must be of the form \"%s\"",
							"options", "name=value")));
		*equals = '\0';
		options = set_option(options, element, equals + 1);
	}
	return options;
}

/*
 * The options of an ALTER command that gives new values to old options, and
 * keeps those that the new list does not have.
 */
static List *
option_changes(List *old, List *new)
{
	List	   *changes = NIL;
	ListCell   *lc;

	foreach(lc, new)
	{
		DefElem    *def = lfirst_node(DefElem, lc);
		DefElem    *was = find_option(old, def->defname);

		if (was == NULL)
			changes = lappend(changes,
							  make_option(def->defname, defGetString(def),
										  DEFELEM_ADD));
		else if (strcmp(defGetString(was), defGetString(def)) != 0)
			changes = lappend(changes,
							  make_option(def->defname, defGetString(def),
										  DEFELEM_SET));
	}
	return changes;
}

static void
append_options(StringInfo command, List *options)
{
	ListCell   *lc;

	appendStringInfoString(command, " OPTIONS (");
	foreach(lc, options)
	{
		DefElem    *def = lfirst_node(DefElem, lc);

		appendStringInfo(command, "%s%s%s %s",
						 lc != list_head(options) ? ", " : "",
						 def->defaction == DEFELEM_ADD ? "ADD " :
						 def->defaction == DEFELEM_SET ? "SET " : "",
						 quote_identifier(def->defname),
						 quote_literal_cstr(defGetString(def)));
	}
	appendStringInfoChar(command, ')');
}

static List *
server_options(const NeonUrl *url, ArrayType *array)
{
	List	   *options = list_make1(make_option("host", url->host,
												 DEFELEM_UNSPEC));

	if (url->dbname != NULL)
		options = set_option(options, "dbname", url->dbname);
	if (url->options != NULL)
		options = set_option(options, "options", url->options);
	if (url->connect_timeout != NULL)
		options = set_option(options, "connect_timeout", url->connect_timeout);
	if (array != NULL)
		options = add_user_options(options, array);
	return options;
}

/* ---------- server ---------- */

/* The endpoint's id, with underscores so that it needs no quotes. */
static char *
derived_server_name(const char *host)
{
	char	   *name = pnstrdup(host, strcspn(host, "."));

	for (char *p = name; *p; p++)
	{
		if (!isalnum((unsigned char) *p))
			*p = '_';
		else
			*p = pg_tolower((unsigned char) *p);
	}
	truncate_identifier(name, strlen(name), false);
	return name;
}

/*
 * The options of the current user's own mapping.  False if there is none.
 */
static bool
mapping_options(Oid serverid, List **options)
{
	HeapTuple	tuple = SearchSysCache2(USERMAPPINGUSERSERVER,
										ObjectIdGetDatum(GetUserId()),
										ObjectIdGetDatum(serverid));
	Datum		datum;
	bool		isnull;

	*options = NIL;
	if (!HeapTupleIsValid(tuple))
		return false;
	datum = SysCacheGetAttr(USERMAPPINGUSERSERVER, tuple,
							Anum_pg_user_mapping_umoptions, &isnull);
	if (!isnull)
		*options = untransformRelOptions(datum);
	ReleaseSysCache(tuple);
	return true;
}

/* NULL if the server does not have the option. */
static const char *
server_option(ForeignServer *server, const char *name)
{
	DefElem    *option = find_option(server->options, name);

	return option != NULL ? defGetString(option) : NULL;
}

/*
 * The owner of a server decides where passwords go, and can create user
 * mappings for others: that the caller has a mapping proves nothing.
 */
static void
check_owner(ForeignServer *server)
{
	if (!neon_trusts_owner(GetUserId(), server->owner))
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("server \"%s\" already exists and belongs to user \"%s\"",
						server->servername,
						GetUserNameFromId(server->owner, false)),
				 errdetail("The owner of a server decides where passwords are sent."),
				 errhint("Give the parameter \"server\" another name.  If you trust the owner, use CREATE USER MAPPING and IMPORT FOREIGN SCHEMA.")));
}

/*
 * Throws if the server is one for another place.  All of its users would be
 * sent there.
 */
static void
check_place(ForeignServer *server, List *options)
{
	static const char *const names[] = {"host", "dbname", "url"};

	for (int i = 0; i < lengthof(names); i++)
	{
		const char *is = server_option(server, names[i]);
		DefElem    *wanted = find_option(options, names[i]);

		if (wanted == NULL ||
			(is != NULL && strcmp(is, defGetString(wanted)) == 0))
			continue;
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("server \"%s\" already exists with another value of option \"%s\"",
						server->servername, names[i]),
				 is != NULL ?
				 errdetail("The server has \"%s\", the call has \"%s\".", is,
						   defGetString(wanted)) :
				 errdetail("The server does not have the option, the call has \"%s\".",
						   defGetString(wanted)),
				 errhint("Give the parameter \"server\" another name, or use \"replace => true\" to change the server for all of its users.")));
	}
}

/*
 * Somebody who attaches to a host expects the password to go there.  So the
 * options that lead it elsewhere, or that weaken the check of who answers,
 * must be given in the call, even if only as the server has them.
 */
static void
check_detours(ForeignServer *server, List *options)
{
	static const char *const names[] = {
		"url", "proxy", "sslmode", "sslrootcert"
	};

	for (int i = 0; i < lengthof(names); i++)
	{
		const char *is = server_option(server, names[i]);

		if (is == NULL || find_option(options, names[i]) != NULL)
			continue;
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("server \"%s\" has option \"%s\", which the call does not give",
						server->servername, names[i]),
				 errdetail("The option says how the password gets to the endpoint."),
				 errhint("To agree, add \"%s=%s\" to the parameter \"options\".",
						 names[i], is)));
	}
}

static void
check_existing_server(ForeignServer *server, List *options, bool replace)
{
	DefElem    *host = find_option(options, "host");
	const char *is = server_option(server, "host");
	List	   *mapping;

	check_owner(server);
	if (!replace)
		check_place(server, options);
	if (!mapping_options(server->serverid, &mapping) ||
		is == NULL || strcmp(is, defGetString(host)) != 0)
		check_detours(server, options);
}

ForeignServer *
neon_attach_server(const char *name, const NeonUrl *url, ArrayType *array,
				   bool replace)
{
	List	   *options = server_options(url, array);
	const char *found = name != NULL ? name : derived_server_name(url->host);
	ForeignServer *server = GetForeignServerByName(found, true);
	List	   *changes;
	StringInfoData command;

	initStringInfo(&command);
	if (server == NULL)
	{
		appendStringInfo(&command,
						 "CREATE SERVER %s FOREIGN DATA WRAPPER neon_http_fdw",
						 quote_identifier(found));
		append_options(&command, options);
		neon_run_command(command.data);
		return neon_function_server(found);
	}

	server = neon_function_server(found);
	check_existing_server(server, options, replace);
	changes = option_changes(server->options, options);
	if (changes == NIL)
		return server;
	appendStringInfo(&command, "ALTER SERVER %s", quote_identifier(found));
	append_options(&command, changes);
	neon_run_command(command.data);
	return neon_function_server(found);
}

/* ---------- user mapping ---------- */

/*
 * Calls the functions behind the commands, so that there is no command text
 * with the password in it.  A connection string without a password leaves
 * that of the mapping as it is.  One with a password says what to log in
 * with, so a token of the mapping, which would win, is dropped.
 */
void
neon_attach_mapping(ForeignServer *server, const NeonUrl *url)
{
	RoleSpec   *role = makeNode(RoleSpec);
	List	   *options;
	List	   *wanted = list_make1(make_option("user", url->user,
												DEFELEM_UNSPEC));
	bool		exists = mapping_options(server->serverid, &options);

	role->roletype = ROLESPEC_CURRENT_USER;
	role->location = -1;
	if (url->password != NULL)
		wanted = lappend(wanted, make_option("password", url->password,
											 DEFELEM_UNSPEC));
	if (exists)
	{
		AlterUserMappingStmt *stmt = makeNode(AlterUserMappingStmt);

		stmt->user = role;
		stmt->servername = server->servername;
		stmt->options = option_changes(options, wanted);
		if (url->password != NULL && find_option(options, "auth_token") != NULL)
			stmt->options = lappend(stmt->options,
									makeDefElemExtended(NULL,
														pstrdup("auth_token"),
														NULL, DEFELEM_DROP,
														-1));
		if (stmt->options != NIL)
			AlterUserMapping(stmt);
	}
	else
	{
		CreateUserMappingStmt *stmt = makeNode(CreateUserMappingStmt);

		stmt->user = role;
		stmt->servername = server->servername;
		stmt->options = wanted;
		CreateUserMapping(stmt);
	}
	CommandCounterIncrement();
}
