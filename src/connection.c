/*-------------------------------------------------------------------------
 *
 * connection.c
 *		Cache of HTTP connections, and how server, mapping and environment
 *		become the settings of one.
 *
 * Each user mapping has connections of its own: credentials are in a header,
 * but a connection that two users share would be one more thing to reason
 * about.  A change of server or mapping marks the entry; it is replaced when
 * it is next asked for and freed when its last reader is gone.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_user_mapping.h"
#include "connection.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

typedef struct CacheEntry
{
	Oid			umid;			/* key: the user mapping's OID */
	NeonConnection *connection; /* NULL: none */
} CacheEntry;

static HTAB *cache = NULL;

/* Invalidations so far: tells of one that came while a connection was made. */
static uint64 ninvalidations = 0;

/* ---------- strings ---------- */

/*
 * Percent-encodes every byte that is not unreserved in RFC 3986: no byte of
 * a name or password can then end its part of the connection string early.
 */
static char *
percent_encode(const char *text)
{
	static const char hex[] = "0123456789ABCDEF";
	StringInfoData buf;

	initStringInfo(&buf);
	for (const unsigned char *p = (const unsigned char *) text; *p; p++)
	{
		if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			(*p >= '0' && *p <= '9') || strchr("-._~", *p) != NULL)
			appendStringInfoChar(&buf, *p);
		else
		{
			appendStringInfoChar(&buf, '%');
			appendStringInfoChar(&buf, hex[*p >> 4]);
			appendStringInfoChar(&buf, hex[*p & 15]);
		}
	}
	return buf.data;
}

static char *
to_utf8(const char *text)
{
	return pg_server_to_any(text, strlen(text), PG_UTF8);
}

/*
 * The request goes to the host whose first label is "api", as the official
 * driver has it; which database is meant is in the connection string.
 */
static char *
request_url(const NeonServerOptions *options)
{
	const char *scheme = options->sslmode == NEON_SSL_DISABLE ?
		"http" : "https";
	int			default_port = options->sslmode == NEON_SSL_DISABLE ? 80 : 443;
	const char *rest = strchr(options->host, '.');
	char	   *host = rest != NULL ?
		psprintf("api%s", rest) : pstrdup(options->host);

	if (options->url != NULL)
		return pstrdup(options->url);
	if (options->port == default_port)
		return psprintf("%s://%s/sql", scheme, host);
	return psprintf("%s://%s:%d/sql", scheme, host, options->port);
}

static char *
connection_string(const NeonServerOptions *options, const char *user,
				  const char *password)
{
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfo(&buf, "postgresql://%s", percent_encode(user));
	if (password != NULL)
		appendStringInfo(&buf, ":%s", percent_encode(password));
	appendStringInfo(&buf, "@%s/%s", options->host,
					 percent_encode(options->dbname != NULL ?
									to_utf8(options->dbname) : user));
	if (options->options != NULL && options->options[0] != '\0')
		appendStringInfo(&buf, "?options=%s",
						 percent_encode(to_utf8(options->options)));
	return buf.data;
}

/* ---------- what must not be shown ---------- */

/* Credentials of a proxy URL, if there are any. */
static List *
add_proxy_secrets(List *secrets, const char *url)
{
	const char *start;
	const char *end;
	char	   *userinfo;
	char	   *colon;

	if (url == NULL)
		return secrets;
	start = strstr(url, "://");
	start = start != NULL ? start + 3 : url;
	end = strrchr(start, '@');
	if (end == NULL || end == start)
		return secrets;
	userinfo = pnstrdup(start, end - start);
	secrets = lappend(secrets, userinfo);
	colon = strchr(userinfo, ':');
	if (colon != NULL && colon[1] != '\0')
		secrets = lappend(secrets, pstrdup(colon + 1));
	return secrets;
}

/* Longest first, so that what is left of a longer one shows nothing. */
static const char **
collect_secrets(const NeonServerOptions *options, const char *conninfo,
				const char *password)
{
	static const char *const proxies[] = {
		"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy"
	};
	List	   *secrets = list_make1(unconstify(char *, conninfo));
	const char **result;
	ListCell   *cell;
	int			n = 0;

	if (options->proxy != NULL)
		secrets = add_proxy_secrets(secrets, options->proxy);
	else
	{
		for (int i = 0; i < lengthof(proxies); i++)
			secrets = add_proxy_secrets(secrets, getenv(proxies[i]));
	}
	if (password != NULL)
	{
		secrets = lappend(secrets, percent_encode(password));
		secrets = lappend(secrets, pstrdup(password));
	}
	result = palloc((list_length(secrets) + 1) * sizeof(char *));
	foreach(cell, secrets)
		result[n++] = (const char *) lfirst(cell);
	result[n] = NULL;
	return result;
}

/* ---------- making a connection ---------- */

/*
 * Whom to trust.  The server's options come first, then SSL_CERT_FILE of the
 * server process: the file to use, or, when it is set to nothing, no
 * verification at all.
 */
static void
set_verification(NeonHttpConfig *config, const NeonServerOptions *options)
{
	const char *file = getenv("SSL_CERT_FILE");

	config->verify = options->sslmode != NEON_SSL_REQUIRE;
	config->cafile = options->sslrootcert;
	if (config->cafile != NULL || file == NULL)
		return;
	if (file[0] != '\0')
		config->cafile = file;
	else if (options->sslmode == NEON_SSL_DEFAULT)
		config->verify = false;
}

/* A url of the one kind with an sslmode of the other is a mistake. */
static void
check_url(const NeonConnection *connection, const char *url)
{
	const NeonServerOptions *options = connection->options;
	bool		plain = pg_strncasecmp(url, "http:", 5) == 0;

	if ((plain && (options->sslmode == NEON_SSL_REQUIRE ||
				   options->sslmode == NEON_SSL_VERIFY_FULL)) ||
		(!plain && options->sslmode == NEON_SSL_DISABLE))
		ereport(ERROR,
				(errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
				 errmsg("options \"url\" and \"sslmode\" of server \"%s\" contradict each other",
						connection->server_name),
				 plain ?
				 errdetail("The URL is not https, but \"sslmode\" demands TLS.") :
				 errdetail("The URL is https, but \"sslmode\" is \"disable\".")));
}

/* Runs whenever a request ends, so it must not throw. */
static void
count_request(void *arg, const NeonTrace *trace)
{
	NeonConnection *connection = (NeonConnection *) arg;

	neon_traffic_add(&connection->traffic, trace);
	neon_stats_request(connection->stats, trace);
}

static void
make_client(NeonConnection *connection, const NeonUserOptions *user)
{
	NeonServerOptions *options = connection->options;
	NeonHttpConfig config = {0};
	const char *headers[8];
	char	   *name = to_utf8(user->user);
	char	   *password = NULL;
	char	   *conninfo;
	int			n = 0;

	if (connection->has_password)
		password = to_utf8(user->password);
	conninfo = connection_string(options, name, password);
	connection->secrets = collect_secrets(options, conninfo, password);

	headers[n++] = psprintf("Neon-Connection-String: %s", conninfo);
	headers[n++] = "Neon-Raw-Text-Output: true";
	headers[n++] = "Neon-Array-Mode: true";
	headers[n++] = "Neon-Pool-Opt-In: true";
	headers[n++] = "Content-Type: application/json";
	headers[n++] = "User-Agent: neon_http_fdw/1.0";
	headers[n++] = "Expect:";	/* no extra round trip before the body */
	headers[n] = NULL;

	config.url = connection->url = request_url(options);
	config.plain = pg_strncasecmp(config.url, "http:", 5) == 0;
	config.proxy = options->proxy;
	config.connect_timeout = options->connect_timeout;
	config.keep = options->keep_connections;
	config.headers = headers;
	config.report = count_request;
	config.report_arg = connection;
	check_url(connection, config.url);
	set_verification(&config, options);
	connection->verified = config.verify;
	connection->client = neon_http_client_create(&config);
}

/* Whose mapping it is, which UserMapping does not say. */
static Oid
mapping_user(Oid umid)
{
	HeapTuple	tuple = SearchSysCache1(USERMAPPINGOID, ObjectIdGetDatum(umid));
	Oid			user;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for user mapping %u", umid);
	user = ((Form_pg_user_mapping) GETSTRUCT(tuple))->umuser;
	ReleaseSysCache(tuple);
	return user;
}

static NeonConnection *
make_connection(UserMapping *user)
{
	ForeignServer *server = GetForeignServer(user->serverid);
	NeonUserOptions *user_options = neon_user_options(user);
	MemoryContext context;
	MemoryContext old;
	NeonConnection *connection;

	if (user_options->user == NULL || user_options->user[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_FDW_DYNAMIC_PARAMETER_VALUE_NEEDED),
				 errmsg("user mapping for \"%s\" on server \"%s\" has no option \"user\"",
						MappingUserName(user->userid), server->servername),
				 errhint("Use ALTER USER MAPPING ... OPTIONS (ADD user '...') to name the remote role.")));

	/* Child of the current context until it is complete. */
	context = AllocSetContextCreate(CurrentMemoryContext, "neon connection",
									ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(context);
	connection = palloc0(sizeof(NeonConnection));
	connection->context = context;
	connection->server_name = pstrdup(server->servername);
	connection->options = neon_server_options(server);
	connection->has_password = user_options->password != NULL &&
		user_options->password[0] != '\0';
	connection->password_required = user_options->password_required;
	connection->serverid = user->serverid;
	connection->umid = user->umid;
	connection->mapping_user = mapping_user(user->umid);
	connection->stats = neon_stats_of_server(user->serverid);
	connection->server_hash =
		GetSysCacheHashValue1(FOREIGNSERVEROID,
							  ObjectIdGetDatum(user->serverid));
	connection->mapping_hash =
		GetSysCacheHashValue1(USERMAPPINGOID, ObjectIdGetDatum(user->umid));
	make_client(connection, user_options);
	MemoryContextSwitchTo(old);
	return connection;
}

/*
 * Without this, a user who may not read what the server process can read
 * could borrow its identity.  Checked each time, because users may share a
 * mapping for PUBLIC.
 */
static void
check_password(const NeonConnection *connection, const UserMapping *user)
{
	if (connection->has_password || !connection->password_required ||
		superuser_arg(user->userid))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_S_R_E_PROHIBITED_SQL_STATEMENT_ATTEMPTED),
			 errmsg("password is required"),
			 errdetail("A user who is not a superuser must have a password in the user mapping for server \"%s\".",
					   connection->server_name),
			 errhint("Use ALTER USER MAPPING ... OPTIONS (ADD password '...'), or have a superuser set password_required to false.")));
}

/* ---------- the cache ---------- */

static void
free_connection(NeonConnection *connection)
{
	MemoryContextDelete(connection->context);
}

/* May come at any time, so it only marks. */
static void
invalidate(Datum arg, int cacheid, uint32 hashvalue)
{
	HASH_SEQ_STATUS scan;
	CacheEntry *entry;

	ninvalidations++;
	hash_seq_init(&scan, cache);
	while ((entry = hash_seq_search(&scan)) != NULL)
	{
		NeonConnection *connection = entry->connection;

		if (connection == NULL)
			continue;
		if (hashvalue == 0 ||
			(cacheid == FOREIGNSERVEROID &&
			 connection->server_hash == hashvalue) ||
			(cacheid == USERMAPPINGOID &&
			 connection->mapping_hash == hashvalue))
			connection->stale = true;
	}
}

static void
create_cache(void)
{
	HASHCTL		ctl;

	ctl.keysize = sizeof(Oid);
	ctl.entrysize = sizeof(CacheEntry);
	cache = hash_create("neon connections", 8, &ctl, HASH_ELEM | HASH_BLOBS);

	/* the cast is for versions that have an enum for the cache's id */
	CacheRegisterSyscacheCallback(FOREIGNSERVEROID,
								  (SyscacheCallbackFunction) invalidate, 0);
	CacheRegisterSyscacheCallback(USERMAPPINGOID,
								  (SyscacheCallbackFunction) invalidate, 0);
}

/* Lets go of connections that nobody may use any more. */
static void
drop_stale(void)
{
	HASH_SEQ_STATUS scan;
	CacheEntry *entry;

	hash_seq_init(&scan, cache);
	while ((entry = hash_seq_search(&scan)) != NULL)
	{
		NeonConnection *connection = entry->connection;

		if (connection == NULL ||
			(!connection->stale &&
			 neon_http_client_usable(connection->client)))
			continue;
		connection->stale = true;
		entry->connection = NULL;
		if (connection->pins == 0)
			free_connection(connection);
	}
}

NeonConnection *
neon_connection_get(UserMapping *user)
{
	CacheEntry *entry;
	bool		found;

	if (cache == NULL)
		create_cache();
	drop_stale();
	entry = hash_search(cache, &user->umid, HASH_ENTER, &found);
	if (!found)
		entry->connection = NULL;
	if (entry->connection == NULL)
	{
		uint64		before = ninvalidations;
		UserMapping *current = GetUserMapping(user->userid, user->serverid);
		NeonConnection *connection;

		/* a statement that began before the mapping changed has the old one */
		if (current->umid != user->umid)
			return neon_connection_get(current);
		connection = make_connection(current);
		connection->stale = ninvalidations != before;
		MemoryContextSetParent(connection->context, TopMemoryContext);
		/* making it may have read catalogs: look the entry up again */
		entry = hash_search(cache, &user->umid, HASH_ENTER, &found);
		entry->connection = connection;
	}
	check_password(entry->connection, user);
	return entry->connection;
}

void
neon_connection_pin(NeonConnection *connection)
{
	connection->pins++;
}

void
neon_connection_unpin(NeonConnection *connection)
{
	Assert(connection->pins > 0);
	if (--connection->pins == 0 && connection->stale)
	{
		HASH_SEQ_STATUS scan;
		CacheEntry *entry;

		/* the cache may still have it: marked, but not asked for since */
		hash_seq_init(&scan, cache);
		while ((entry = hash_seq_search(&scan)) != NULL)
		{
			if (entry->connection == connection)
				entry->connection = NULL;
		}
		free_connection(connection);
	}
}

List *
neon_connection_list(void)
{
	HASH_SEQ_STATUS scan;
	CacheEntry *entry;
	List	   *list = NIL;

	if (cache == NULL)
		return NIL;
	drop_stale();
	hash_seq_init(&scan, cache);
	while ((entry = hash_seq_search(&scan)) != NULL)
	{
		if (entry->connection != NULL)
			list = lappend(list, entry->connection);
	}
	return list;
}

bool
neon_connection_drop(NeonConnection *connection)
{
	bool		unused = connection->pins == 0;

	connection->stale = true;
	drop_stale();
	return unused;
}
