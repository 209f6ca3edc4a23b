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

/* The parameter is being defined; it may have been set before. */
static bool defining = false;

/* ---------- the parameter ---------- */

/*
 * Refuses a value.  The statement that has it in it shall not be logged, so
 * this is thrown here where possible.  While the library is being loaded it
 * is not: the value is dropped with a warning.
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

const char *
neon_session_token(Oid userid, Oid owner)
{
	if (session_token == NULL || session_token[0] == '\0')
		return NULL;
	if (userid != GetOuterUserId() && userid != GetSessionUserId())
		return NULL;
	return neon_trusts_owner(userid, owner) ? session_token : NULL;
}

bool
neon_session_token_withheld(Oid userid, Oid owner)
{
	return session_token != NULL && session_token[0] != '\0' &&
		neon_session_token(userid, owner) == NULL;
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
 * The request goes to the host whose first label is "api", or "apiauth" with
 * a token, as the official driver has it; which database is meant is in the
 * connection string.
 */
static char *
request_url(const NeonServerOptions *options, bool token)
{
	const char *scheme = options->sslmode == NEON_SSL_DISABLE ?
		"http" : "https";
	int			default_port = options->sslmode == NEON_SSL_DISABLE ? 80 : 443;
	const char *rest = strchr(options->host, '.');
	char	   *host = rest != NULL ?
		psprintf("%s%s", token ? "apiauth" : "api", rest) :
		pstrdup(options->host);

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

/*
 * The token, and all of it that comes after its header: whoever reports a
 * problem with it may quote the part that the problem is in.
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

/* Longest first, so that what is left of a longer one shows nothing. */
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
					  const NeonUserOptions *user, const char *session_token)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "neon credentials",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	NeonCredentials *credentials = palloc0(sizeof(NeonCredentials));
	char	   *password = NULL;

	credentials->context = context;
	if (session_token != NULL)
	{
		credentials->source = NEON_TOKEN_SESSION;
		credentials->token = pstrdup(session_token);
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

	credentials->url = request_url(server, credentials->token != NULL);
	credentials->connection_string =
		connection_string(server, to_utf8(user->user), password);
	credentials->secrets = collect_secrets(server, credentials, password);
	MemoryContextSwitchTo(old);
	return credentials;
}

bool
neon_credentials_current(const NeonCredentials *credentials,
						 const NeonUserOptions *user,
						 const char *session_token)
{
	NeonTokenSource source = session_token != NULL ? NEON_TOKEN_SESSION :
		user->auth_token != NULL ? NEON_TOKEN_MAPPING : NEON_TOKEN_NONE;

	/* those of the mapping change only together with all of it */
	return source == credentials->source &&
		(source != NEON_TOKEN_SESSION ||
		 strcmp(session_token, credentials->token) == 0);
}
