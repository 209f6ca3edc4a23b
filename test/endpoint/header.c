/*-------------------------------------------------------------------------
 *
 * header.c
 *		What a request's headers ask for.
 *
 * The connection string is a URL of which only user, password, database and
 * host count.  The host chooses the endpoint by its first label; here all
 * names lead to the same server.  The host that the request itself was sent
 * to decides between passwords and tokens.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "header.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/*
 * Percent-decodes.  A sign that starts no valid escape stands for itself.
 * NULL if the result holds a NUL, which no name or password may.
 */
static char *
decode(const char *text, size_t len, bool plus_is_space)
{
	char	   *result = must_alloc(len + 1);
	size_t		n = 0;

	for (size_t i = 0; i < len; i++)
	{
		char		c = text[i];

		if (c == '%' && i + 2 < len && hex_digit(text[i + 1]) >= 0 &&
			hex_digit(text[i + 2]) >= 0)
		{
			c = (char) (hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
			i += 2;
		}
		else if (c == '+' && plus_is_space)
			c = ' ';
		if (c == '\0')
		{
			free(result);
			return NULL;
		}
		result[n++] = c;
	}
	return result;
}

/* The value of "options" in a query string, NULL if there is none. */
static char *
find_options(const char *query, size_t len)
{
	const char *end = query + len;

	while (query < end)
	{
		const char *stop = memchr(query, '&', end - query);
		size_t		n = (stop ? stop : end) - query;

		if (n >= 8 && memcmp(query, "options=", 8) == 0)
			return decode(query + 8, n - 8, true);
		query += n + 1;
	}
	return NULL;
}

static bool
fail(Outcome *outcome, const char *message)
{
	error_plain(outcome, 400, "%s", message);
	return false;
}

/* The last of a character in a range, NULL if there is none. */
static const char *
last_of(const char *start, const char *end, char c)
{
	return memrchr(start, c, end - start);
}

/* The host's end, where the port begins if there is one. */
static const char *
host_end(const char *host, const char *end)
{
	const char *bracket = last_of(host, end, ']');
	const char *colon = last_of(bracket ? bracket : host, end, ':');

	return colon ? colon : end;
}

/*
 * The faults that keep a connection string from being a URL at all, which
 * come before all others.  authority to end is user:password@host:port.
 */
static bool
check_url(const char *authority, const char *end, Outcome *outcome)
{
	const char *at = last_of(authority, end, '@');
	const char *host = at ? at + 1 : authority;
	const char *port = host_end(host, end);
	size_t		len = port < end ? end - port - 1 : 0;

	if (len > 0 && (strspn(port + 1, "0123456789") < len ||
					strtoul(port + 1, NULL, 10) > 65535))
		return fail(outcome, "invalid connection string: "
					"invalid port number");
	if (port == host && (at != NULL || port < end))
		return fail(outcome, "invalid connection string: empty host");
	return true;
}

/* A host is a name here even where it looks like an address of IPv4. */
static bool
parse_host(Target *target, const char *start, const char *end,
		   Outcome *outcome)
{
	if (start == end || *start == '[')
		return fail(outcome, "missing hostname");
	target->host = decode(start, host_end(start, end) - start, false);
	if (target->host == NULL || target->host[0] == '\0')
		return fail(outcome, "missing hostname");
	return true;
}

/*
 * Does this host take tokens, and nothing else?  It is known by its first
 * label.
 */
static bool
is_token_host(const char *host, const TokenOptions *options)
{
	static const char label[] = "apiauth.";
	size_t		len;

	if (options->jwt.jwks == NULL || host == NULL)
		return false;
	if (strncasecmp(host, label, strlen(label)) == 0)
		return true;
	len = strcspn(host, ":");
	return options->host != NULL && strlen(options->host) == len &&
		strncasecmp(host, options->host, len) == 0;
}

/* What the Authorization header says, on a host that takes tokens. */
static bool
parse_token(Headers *headers, const TokenOptions *options,
			const char *authorization, Outcome *outcome)
{
	static const char scheme[] = "Bearer ";

	if (authorization == NULL ||
		strncmp(authorization, scheme, strlen(scheme)) != 0)
		return fail(outcome, "missing authentication credentials: "
					"required authorization bearer token in JWT format");
	headers->token = authorization + strlen(scheme);
	headers->target.by_token = true;
	headers->target.password = must_strdup(options->password);
	return true;
}

/*
 * user:password@, start to end without the @.  The order of the checks is
 * the hosted endpoint's.
 */
static bool
parse_credentials(Headers *headers, const char *start, const char *end,
				  const TokenOptions *options, const char *authorization,
				  Outcome *outcome)
{
	Target	   *target = &headers->target;
	const char *colon = start ? memchr(start, ':', end - start) : NULL;

	if (start != NULL)
		target->user = decode(start, (colon ? colon : end) - start, false);
	if (target->user == NULL || target->user[0] == '\0')
		return fail(outcome, "missing username");

	if (is_token_host(headers->http_host, options))
		return parse_token(headers, options, authorization, outcome);

	/* this is a password host: no tokens here */
	if (authorization != NULL || colon == NULL)
		return fail(outcome, "missing authentication credentials: "
					"required password");
	target->password = decode(colon + 1, end - colon - 1, false);
	if (target->password == NULL || target->password[0] == '\0')
		return fail(outcome, "missing authentication credentials: "
					"required password");
	return true;
}

static bool
parse_connection_string(Headers *headers, const char *url,
						const TokenOptions *options,
						const char *authorization, Outcome *outcome)
{
	Target	   *target = &headers->target;
	const char *authority = strstr(url, "://");
	const char *authority_end;
	const char *at;
	const char *path_end;

	if (authority == NULL)
		return fail(outcome, "invalid connection string: "
					"relative URL without a base");
	authority += 3;
	authority_end = authority + strcspn(authority, "/?#");
	if (!check_url(authority, authority_end, outcome))
		return false;
	if (strncasecmp(url, "postgres://", 11) != 0 &&
		strncasecmp(url, "postgresql://", 13) != 0)
		return fail(outcome, "incorrect scheme");

	at = last_of(authority, authority_end, '@');

	if (*authority_end != '/')
		return fail(outcome, "missing database name");
	path_end = authority_end + 1 + strcspn(authority_end + 1, "/?#");
	target->dbname = decode(authority_end + 1, path_end - authority_end - 1,
							false);
	if (target->dbname == NULL)
		return fail(outcome, "invalid database name");

	if (!parse_credentials(headers, at ? authority : NULL, at, options,
						   authorization, outcome))
		return false;
	if (!parse_host(target, at + 1, authority_end, outcome))
		return false;

	path_end += strcspn(path_end, "?#");
	if (*path_end == '?')
		target->options = find_options(path_end + 1,
									   strcspn(path_end + 1, "#"));
	return true;
}

static bool
is_true(const char *value)
{
	return value != NULL && strcmp(value, "true") == 0;
}

static bool
parse_isolation(Headers *headers, Outcome *outcome)
{
	static const struct
	{
		const char *name;
		const char *sql;
	}			levels[] =
	{
		{"ReadUncommitted", "READ UNCOMMITTED"},
		{"ReadCommitted", "READ COMMITTED"},
		{"RepeatableRead", "REPEATABLE READ"},
		{"Serializable", "SERIALIZABLE"},
	};

	if (headers->isolation == NULL)
		return true;
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
	{
		if (strcmp(headers->isolation, levels[i].name) == 0)
		{
			headers->isolation_sql = levels[i].sql;
			return true;
		}
	}
	return fail(outcome, "invalid isolation level");
}

/* Options that choose another compute cannot share a pooled connection. */
static bool
options_forbid_pool(const char *options)
{
	return options != NULL &&
		(strstr(options, "neon_lsn:") || strstr(options, "neon_timestamp:") ||
		 strstr(options, "neon_endpoint_type:"));
}

bool
header_parse(Headers *headers, const TokenOptions *options,
			 HeaderLookup lookup, void *arg, Outcome *outcome)
{
	const char *url = lookup(arg, "Neon-Connection-String");

	headers->http_host = lookup(arg, "Host");
	headers->raw_text = is_true(lookup(arg, "Neon-Raw-Text-Output"));
	headers->array_mode = is_true(lookup(arg, "Neon-Array-Mode"));
	headers->pool = is_true(lookup(arg, "Neon-Pool-Opt-In"));
	headers->read_only = is_true(lookup(arg, "Neon-Batch-Read-Only"));
	headers->deferrable = is_true(lookup(arg, "Neon-Batch-Deferrable"));
	headers->isolation = lookup(arg, "Neon-Batch-Isolation-Level");

	if (url == NULL)
		return fail(outcome, "invalid header: neon-connection-string");
	for (const char *p = url; *p; p++)
	{
		if ((unsigned char) *p < 0x20 || (unsigned char) *p > 0x7e)
			return fail(outcome, "invalid header: neon-connection-string");
	}
	if (!parse_connection_string(headers, url, options,
								 lookup(arg, "Authorization"), outcome))
		return false;
	if (options_forbid_pool(headers->target.options))
		headers->pool = false;
	return parse_isolation(headers, outcome);
}

void
header_free(Headers *headers)
{
	Target	   *target = &headers->target;

	free(target->user);
	free(target->password);
	free(target->dbname);
	free(target->host);
	free(target->options);
	memset(headers, 0, sizeof(*headers));
}
