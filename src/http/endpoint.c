/*-------------------------------------------------------------------------
 *
 * http/endpoint.c
 *		How server, user mapping and environment become the settings of
 *		requests, and what requests learn of the endpoint.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_user_mapping.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "http/endpoint.h"

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

/*
 * Nobody has said here that certificates are not to be verified: tell it once
 * for each connection.
 */
static void
warn_unverified(const NeonConnection *connection)
{
	ereport(WARNING,
			(errcode(ERRCODE_WARNING),
			 errmsg("the certificate of server \"%s\" is not verified",
					connection->server_name),
			 errdetail("SSL_CERT_FILE is set to an empty string in the environment of the server process."),
			 errhint("Unset SSL_CERT_FILE, or set option \"sslmode\" of the server to \"verify-full\", or to \"require\" to do without this warning.")));
}

/* Throws if "url" is plain and "sslmode" demands TLS, or the reverse. */
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

	connection->requests += Max(trace->attempts, 1);
	if (trace->http_version != 0)
		connection->http_version = trace->http_version;
	if (trace->tls_version[0] != '\0' && !trace->reused)
		strlcpy(connection->tls_version, trace->tls_version,
				NEON_TLS_VERSION_SIZE);
	neon_count_request(&connection->traffic, &connection->totals, trace);
}

/* The headers of every request; valid as long as the credentials are. */
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
make_client(NeonConnection *connection, Oid userid)
{
	NeonServerOptions *options = connection->options;
	NeonHttpConfig config = {0};
	const char *headers[MAX_HEADERS];

	connection->credentials = neon_credentials_make(options, connection->user,
													userid, connection->owner);
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
	if (!config.plain && !config.verify &&
		options->sslmode == NEON_SSL_DEFAULT)
		warn_unverified(connection);
	connection->client = neon_http_client_create(&config);
}

/*
 * The user whom a mapping is for, InvalidOid for PUBLIC: the UserMapping of
 * such a mapping names the current user.
 */
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

NeonConnection *
neon_endpoint_make(UserMapping *user)
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
	neon_totals_refer(&connection->totals, user->serverid, user->userid,
					  connection->server_name);
	connection->server_hash =
		GetSysCacheHashValue1(FOREIGNSERVEROID,
							  ObjectIdGetDatum(user->serverid));
	connection->mapping_hash =
		GetSysCacheHashValue1(USERMAPPINGOID, ObjectIdGetDatum(user->umid));
	make_client(connection, user->userid);
	MemoryContextSwitchTo(old);
	return connection;
}

bool
neon_endpoint_renew(NeonConnection *connection, const UserMapping *user)
{
	const char *headers[MAX_HEADERS];
	NeonCredentials *credentials;
	MemoryContext old;

	if (neon_credentials_current(connection->credentials, connection->user,
								 user->userid, connection->owner))
		return true;
	if (connection->holders > 0)
		return false;
	old = MemoryContextSwitchTo(connection->context);
	credentials = neon_credentials_make(connection->options, connection->user,
										user->userid, connection->owner);
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

/* ---------- what requests learn ---------- */

/*
 * The request that was refused was larger than the limit, so a limit that is
 * larger than the request is none.
 */
void
neon_connection_learn_limit(NeonConnection *connection, int64 limit,
							size_t refused)
{
	if (limit > 0 && limit < refused)
		connection->request_limit = limit;
}

void
neon_connection_learn_reply_limit(NeonConnection *connection, int64 limit)
{
	if (limit > 0)
		connection->reply_limit = limit;
}

void
neon_connection_received(NeonConnection *connection, int64 bytes)
{
	connection->reply_seen = Max(connection->reply_seen, bytes);
}

void
neon_connection_probed(NeonConnection *connection, const char *xid)
{
	strlcpy(connection->probe_xid, xid, sizeof(connection->probe_xid));
}

/*
 * Only rehearsals after the first one test whether a rolled back transaction,
 * that of the probe, has left anything: so only these prove something.
 */
void
neon_connection_rolled_back(NeonConnection *connection)
{
	if (connection->probe_xid[0] != '\0')
		connection->rolls_back = true;
}

/* ---------- which host ---------- */

/* Host and database in the connection string. */
static const char *
place(const NeonConnection *connection, size_t *len)
{
	const char *text = strrchr(connection->credentials->connection_string,
							   '@');

	*len = strcspn(text, "?");
	return text;
}

bool
neon_connection_same_place(const NeonConnection *a, const NeonConnection *b)
{
	const char *url_a = a->options->url;
	const char *url_b = b->options->url;
	size_t		len_a;
	size_t		len_b;
	const char *place_a = place(a, &len_a);
	const char *place_b = place(b, &len_b);

	return len_a == len_b && memcmp(place_a, place_b, len_a) == 0 &&
		strcmp(url_a != NULL ? url_a : "", url_b != NULL ? url_b : "") == 0;
}

const char *
neon_connection_url(const NeonConnection *connection)
{
	return connection->on_own_host ? connection->credentials->own_url :
		connection->credentials->url;
}

/* Could something on the way have let the other host through? */
static bool
is_unreachable(const NeonFailure *failure)
{
	switch (failure->phase)
	{
		case NEON_PHASE_RESOLVE:
		case NEON_PHASE_CONNECT:
			return true;
		case NEON_PHASE_PROXY:
			return failure->proxy_status != 0 && failure->proxy_status != 407;
		case NEON_PHASE_TLS:
			return !failure->permanent;
		default:
			return false;
	}
}

bool
neon_connection_try_own_host(NeonConnection *connection,
							 const NeonFailure *failure)
{
	if (connection->on_own_host || connection->credentials->own_url == NULL ||
		!is_unreachable(failure))
		return false;
	connection->on_own_host = true;
	neon_http_client_set_url(connection->client,
							 neon_connection_url(connection));
	return true;
}

void
neon_connection_leave_own_host(NeonConnection *connection)
{
	if (!connection->on_own_host || connection->host_settled)
		return;
	connection->on_own_host = false;
	neon_http_client_set_url(connection->client,
							 neon_connection_url(connection));
}

void
neon_connection_keep_own_host(NeonConnection *connection)
{
	if (connection->on_own_host)
		connection->host_settled = true;
}
