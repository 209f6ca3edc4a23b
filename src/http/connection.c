/*-------------------------------------------------------------------------
 *
 * http/connection.c
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
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "http/connection.h"

typedef struct CacheEntry
{
	Oid			umid;			/* key: the user mapping's OID */
	NeonConnection *connection; /* NULL: none */
} CacheEntry;

static HTAB *cache = NULL;

/* Invalidations so far: tells of one that came while a connection was made. */
static uint64 ninvalidations = 0;

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

/* Of every request; valid as long as the credentials are. */
#define MAX_HEADERS		9

static void
fill_headers(const char *headers[MAX_HEADERS],
			 const NeonCredentials *credentials)
{
	int			n = 0;

	headers[n++] = psprintf("Neon-Connection-String: %s",
							credentials->connection_string);
	if (credentials->token != NULL)
		headers[n++] = psprintf("Authorization: Bearer %s",
								credentials->token);
	headers[n++] = "Neon-Raw-Text-Output: true";
	headers[n++] = "Neon-Array-Mode: true";
	headers[n++] = "Neon-Pool-Opt-In: true";
	headers[n++] = "Content-Type: application/json";
	headers[n++] = "User-Agent: neon_http_fdw/1.0";
	headers[n++] = "Expect:";	/* no extra round trip before the body */
	headers[n] = NULL;
}

static void
make_client(NeonConnection *connection, const char *session_token)
{
	NeonServerOptions *options = connection->options;
	NeonHttpConfig config = {0};
	const char *headers[MAX_HEADERS];

	connection->credentials = neon_credentials_make(options, connection->user,
													session_token);
	fill_headers(headers, connection->credentials);
	config.url = connection->credentials->url;
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
	NeonUserOptions *user_options;
	MemoryContext context;
	MemoryContext old;
	NeonConnection *connection;

	/* Child of the current context until it is complete. */
	context = AllocSetContextCreate(CurrentMemoryContext, "neon connection",
									ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(context);
	user_options = neon_user_options(user);
	if (user_options->user == NULL || user_options->user[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_FDW_DYNAMIC_PARAMETER_VALUE_NEEDED),
				 errmsg("user mapping for \"%s\" on server \"%s\" has no option \"user\"",
						MappingUserName(user->userid), server->servername),
				 errhint("Use ALTER USER MAPPING ... OPTIONS (ADD user '...') to name the remote role.")));

	connection = palloc0(sizeof(NeonConnection));
	connection->context = context;
	connection->server_name = pstrdup(server->servername);
	connection->options = neon_server_options(server);
	connection->user = user_options;
	connection->serverid = user->serverid;
	connection->owner = server->owner;
	connection->umid = user->umid;
	connection->mapping_user = mapping_user(user->umid);
	connection->stats = neon_stats_of_server(user->serverid);
	connection->server_hash =
		GetSysCacheHashValue1(FOREIGNSERVEROID,
							  ObjectIdGetDatum(user->serverid));
	connection->mapping_hash =
		GetSysCacheHashValue1(USERMAPPINGOID, ObjectIdGetDatum(user->umid));
	make_client(connection, neon_session_token(user->userid, server->owner));
	MemoryContextSwitchTo(old);
	return connection;
}

/*
 * The session's token may have changed since the last request.  False if
 * that needs another connection: to another host, or because somebody still
 * reads from this one, and may have to repeat a request as who it was.
 */
static bool
renew_credentials(NeonConnection *connection, const UserMapping *user)
{
	const char *token = neon_session_token(user->userid, connection->owner);
	const char *headers[MAX_HEADERS];
	NeonCredentials *credentials;
	MemoryContext old;

	if (neon_credentials_current(connection->credentials, connection->user,
								 token))
		return true;
	if (connection->holders > 0)
		return false;
	old = MemoryContextSwitchTo(connection->context);
	credentials = neon_credentials_make(connection->options, connection->user,
										token);
	MemoryContextSwitchTo(credentials->context);
	fill_headers(headers, credentials);
	MemoryContextSwitchTo(old);
	if (strcmp(credentials->url, connection->credentials->url) != 0)
	{
		MemoryContextDelete(credentials->context);
		return false;
	}
	neon_http_client_set_headers(connection->client, headers);
	MemoryContextDelete(connection->credentials->context);
	connection->credentials = credentials;
	return true;
}

/*
 * Without this, a user who may not read what the server process can read
 * could borrow its identity.  Checked each time, because users may share a
 * mapping for PUBLIC.
 */
static void
check_password(const NeonConnection *connection, const UserMapping *user)
{
	if (neon_credentials_proof(connection->credentials) ||
		!connection->user->password_required || superuser_arg(user->userid))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_S_R_E_PROHIBITED_SQL_STATEMENT_ATTEMPTED),
			 errmsg("password or token is required"),
			 neon_session_token_withheld(user->userid, connection->owner) ?
			 errdetail("The token of this session is not sent to server \"%s\": it goes only to servers that belong to a superuser, to the user or to a role that the user is in, and not through views and functions of others.",
					   connection->server_name) :
			 errdetail("A user who is not a superuser must have a password or a token in the user mapping for server \"%s\".",
					   connection->server_name),
			 errhint("Use ALTER USER MAPPING ... OPTIONS (ADD password '...') or (ADD auth_token '...'), set neon_http_fdw.auth_token, or have a superuser set password_required to false.")));
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
		if (connection->holders == 0)
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
	if (entry->connection != NULL &&
		!renew_credentials(entry->connection, user))
	{
		entry->connection->stale = true;
		drop_stale();
	}
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
neon_connection_hold(NeonConnection *connection)
{
	connection->holders++;
}

void
neon_connection_release(NeonConnection *connection)
{
	Assert(connection->holders > 0);
	if (--connection->holders == 0 && connection->stale)
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

/* A limit above the size of a request that was refused is not true. */
void
neon_connection_learn_limit(NeonConnection *connection, int64 limit,
							size_t refused)
{
	if (limit > 0 && limit < refused)
		connection->request_limit = limit;
}

void
neon_connection_probed(NeonConnection *connection, const char *xid)
{
	strlcpy(connection->probe_xid, xid, sizeof(connection->probe_xid));
}

/* All rehearsals after the first carry the test of what that left behind. */
void
neon_connection_rolled_back(NeonConnection *connection)
{
	if (connection->probe_xid[0] != '\0')
		connection->rolls_back = true;
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
	bool		unused = connection->holders == 0;

	connection->stale = true;
	drop_stale();
	return unused;
}
