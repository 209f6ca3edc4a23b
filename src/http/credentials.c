/*-------------------------------------------------------------------------
 *
 * http/credentials.c
 *		Who a connection is to the endpoint: a role, and a password or a
 *		token that proves it.
 *
 * The parameter with the session's token can be set by everybody but read by
 * nobody: SHOW tells only whether it is set.  Where PostgreSQL would keep it
 * for all to see, with a database, a role or a function, it is refused.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "http/credentials.h"
#include "option/value.h"

#define PARAMETER	"neon_http_fdw.auth_token"

/* What SHOW says of a token; no valid one, so that it cannot be set. */
#define MASKED		"********"

/* Parts of a token that are shorter give nothing away. */
#define SHORTEST_PART	8

static char *session_token = NULL;

/*
 * Is the parameter being defined?  A value that was set before that is checked
 * then.
 */
static bool defining = false;

/* ---------- the parameter ---------- */

/*
 * Refuses a value of the parameter.  The statement that sets it must not be
 * logged, because the value stands in it: so the error is thrown here where it
 * can be.  Where it cannot, while the library is being loaded, the value is
 * dropped with a warning.
 */
static bool
refuse(GucSource source, const char *message, const char *detail,
	   const char *hint)
{
	if (!defining && (source == PGC_S_SESSION || source == PGC_S_TEST))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg_internal("%s", message),
				 errdetail_internal("%s", detail),
				 hint ? errhint("%s", hint) : 0,
				 errhidestmt(true),
				 errhidecontext(true)));
	GUC_check_errmsg("%s", message);
	GUC_check_errdetail("%s", detail);
	if (hint != NULL)
		GUC_check_errhint("%s", hint);
	return false;
}

static bool
check_session_token(char **newval, void **extra, GucSource source)
{
	if (*newval == NULL || (*newval)[0] == '\0')
		return true;
	switch (source)
	{
		case PGC_S_FILE:
		case PGC_S_ARGV:
			return refuse(source,
						  "parameter \"" PARAMETER "\" can be set in a session only",
						  "Set for the whole server, it would be the token of every session.",
						  NULL);
		case PGC_S_GLOBAL:
		case PGC_S_DATABASE:
		case PGC_S_USER:
		case PGC_S_DATABASE_USER:
		case PGC_S_TEST:
			return refuse(source,
						  "parameter \"" PARAMETER "\" can be set in a session only",
						  "Everybody can read what is stored with a database, a role or a function.",
						  "Option \"auth_token\" of a user mapping is kept from others.");
		default:
			break;
	}
	if (!neon_value_is_token(*newval))
		return refuse(source,
					  "invalid value for parameter \"" PARAMETER "\"",
					  NEON_TOKEN_SYNTAX, NULL);
	return true;
}

static const char *
show_session_token(void)
{
	return session_token != NULL && session_token[0] != '\0' ? MASKED : "";
}

void
neon_credentials_init(void)
{
	defining = true;
	DefineCustomStringVariable(PARAMETER,
							   "Token (JWT) with which this session logs in to the remote.",
							   "It wins over password and token of the user mapping.",
							   &session_token,
							   "",
							   PGC_USERSET,
							   GUC_NO_SHOW_ALL | GUC_NOT_IN_SAMPLE |
							   GUC_DISALLOW_IN_FILE,
							   check_session_token,
							   NULL,
							   show_session_token);
	defining = false;
}

/* ---------- the session's token ---------- */

bool
neon_trusts_owner(Oid userid, Oid owner)
{
	return owner == userid || superuser_arg(owner) ||
		is_member_of_role_nosuper(userid, owner);
}

/*
 * The session's token as this user may send it to a server of this owner,
 * NULL if there is none.  Valid until the parameter changes.
 *
 * It is what the session's user can prove, so it goes along only where that
 * user acts: not through views and functions of others, which have their
 * owner's mapping.  And it goes only to servers whose owner the user trusts
 * anyway, because the owner decides where requests are sent.
 */
static const char *
usable_session_token(Oid userid, Oid owner)
{
	if (session_token == NULL || session_token[0] == '\0')
		return NULL;
	if (userid != GetOuterUserId() && userid != GetSessionUserId())
		return NULL;
	return neon_trusts_owner(userid, owner) ? session_token : NULL;
}

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
 * The URL with the host whose first label is another one, or with the host as
 * it is (NULL).
 */
static char *
url_of_host(const NeonServerOptions *options, const char *label)
{
	bool		plain = options->sslmode == NEON_SSL_DISABLE;
	const char *scheme = plain ? "http" : "https";
	int			default_port = plain ? 80 : 443;
	const char *rest = strchr(options->host, '.');
	char	   *host = rest != NULL && label != NULL ?
		psprintf("%s%s", label, rest) : options->host;

	if (options->port == default_port)
		return psprintf("%s://%s/sql", scheme, host);
	return psprintf("%s://%s:%d/sql", scheme, host, options->port);
}

/*
 * Requests go to the host whose first label is "api", or "apiauth" with a
 * token, as those of the official driver do; which database is meant is in
 * the connection string.  The endpoint's own host takes them as well, but no
 * token.
 */
static void
set_urls(NeonCredentials *credentials, const NeonServerOptions *options)
{
	const char *label = credentials->token != NULL ? "apiauth" : "api";

	if (options->url != NULL)
		credentials->url = pstrdup(options->url);
	else if (options->request_host == NEON_REQUEST_HOST_ENDPOINT)
		credentials->url = url_of_host(options, NULL);
	else
		credentials->url = url_of_host(options, label);
	if (options->url == NULL && credentials->token == NULL &&
		options->request_host == NEON_REQUEST_HOST_AUTO &&
		strchr(options->host, '.') != NULL)
		credentials->own_url = url_of_host(options, NULL);
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

/*
 * The token, and each part of the token that comes after its header: whoever
 * reports a problem with a token may quote the part that has the problem.
 */
static List *
add_token_secrets(List *secrets, const char *token)
{
	const char *part = token;

	secrets = lappend(secrets, pstrdup(token));
	while ((part = strchr(part, '.')) != NULL)
	{
		size_t		len = strcspn(++part, ".");

		if (len >= SHORTEST_PART)
			secrets = lappend(secrets, pnstrdup(part, len));
	}
	return secrets;
}

/*
 * The longest secret comes first: a shorter one that is a part of it would
 * leave the rest to be seen.
 */
static const char **
collect_secrets(const NeonServerOptions *options,
				const NeonCredentials *credentials, const char *password)
{
	static const char *const proxies[] = {
		"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy"
	};
	List	   *secrets = list_make1(credentials->connection_string);
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
	if (credentials->token != NULL)
		secrets = add_token_secrets(secrets, credentials->token);
	result = palloc((list_length(secrets) + 1) * sizeof(char *));
	foreach(cell, secrets)
		result[n++] = (const char *) lfirst(cell);
	result[n] = NULL;
	return result;
}

/* ---------- all together ---------- */

NeonCredentials *
neon_credentials_make(const NeonServerOptions *server,
					  const NeonUserOptions *user, Oid userid, Oid owner)
{
	const char *token = usable_session_token(userid, owner);
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "neon credentials",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	NeonCredentials *credentials = palloc0(sizeof(NeonCredentials));
	char	   *password = NULL;

	credentials->context = context;
	if (token != NULL)
	{
		credentials->source = NEON_TOKEN_SESSION;
		credentials->token = pstrdup(token);
	}
	else if (user->auth_token != NULL)
	{
		credentials->source = NEON_TOKEN_MAPPING;
		credentials->token = pstrdup(user->auth_token);
	}
	else if (user->password != NULL && user->password[0] != '\0')
	{
		credentials->has_password = true;
		password = to_utf8(user->password);
	}

	set_urls(credentials, server);
	credentials->connection_string =
		connection_string(server, to_utf8(user->user), password);
	credentials->secrets = collect_secrets(server, credentials, password);
	MemoryContextSwitchTo(old);
	return credentials;
}

bool
neon_credentials_current(const NeonCredentials *credentials,
						 const NeonUserOptions *user, Oid userid, Oid owner)
{
	const char *token = usable_session_token(userid, owner);
	NeonTokenSource source = token != NULL ? NEON_TOKEN_SESSION :
		user->auth_token != NULL ? NEON_TOKEN_MAPPING : NEON_TOKEN_NONE;

	/* those of the mapping change only together with all of it */
	return source == credentials->source &&
		(source != NEON_TOKEN_SESSION ||
		 strcmp(token, credentials->token) == 0);
}

/*
 * Without this, a user who may not read what the server process can read
 * could borrow its identity.
 */
void
neon_credentials_check(const NeonCredentials *credentials,
					   const NeonUserOptions *user, const char *server_name,
					   Oid userid, Oid owner)
{
	bool		withheld = session_token != NULL && session_token[0] != '\0' &&
		usable_session_token(userid, owner) == NULL;

	if (credentials->token != NULL || credentials->has_password ||
		!user->password_required || superuser_arg(userid))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_S_R_E_PROHIBITED_SQL_STATEMENT_ATTEMPTED),
			 errmsg("password or token is required"),
			 withheld ?
			 errdetail("The token of this session is not sent to server \"%s\": it goes only to servers that belong to a superuser, to the user or to a role that the user is in, and not through views and functions of others.",
					   server_name) :
			 errdetail("A user who is not a superuser must have a password or a token in the user mapping for server \"%s\".",
					   server_name),
			 errhint("Use ALTER USER MAPPING ... OPTIONS (ADD password '...') or (ADD auth_token '...'), set neon_http_fdw.auth_token, or have a superuser set password_required to false.")));
}
