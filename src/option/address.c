/*-------------------------------------------------------------------------
 *
 * option/address.c
 *		Syntax of hosts, URLs and proxies.
 *
 * They are checked here character by character although libcurl parses them
 * again: what a server's owner writes there decides to whom a password is
 * sent, so anything that two parsers could read differently is refused.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <arpa/inet.h>

#include "common/string.h"

#include "option/address.h"

/* Limits of the domain name system. */
#define MAX_HOST_LENGTH 253
#define MAX_LABEL_LENGTH 63

#define POOLER_SUFFIX "-pooler"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

/*
 * What is wrong with a host name of the given length, NULL if nothing.
 */
static const char *
host_problem(const char *host, size_t len)
{
	size_t		label = 0;		/* where the current label starts */

	if (len == 0)
		return "The host name is empty.";
	if (len > MAX_HOST_LENGTH)
		return "The host name is too long.";
	for (size_t i = 0; i <= len; i++)
	{
		if (i < len && host[i] != '.')
		{
			/* underscores are no part of host names, but of real networks */
			if (strchr(LETTERS DIGITS "-_", host[i]) == NULL)
				return "Host names consist of letters, digits, hyphens and dots.";
			continue;
		}
		if (i == label)
			return "The host name has an empty label.";
		if (i - label > MAX_LABEL_LENGTH)
			return "The host name has a label that is too long.";
		if (host[label] == '-' || host[i - 1] == '-')
			return "The host name has a label that starts or ends with a hyphen.";
		label = i + 1;
	}
	return NULL;
}

/*
 * A last label of digits, or 0x and digits, makes resolvers read the whole
 * as an IPv4 address, in forms that inet_pton() does not know ("127.1").  No
 * top-level domain looks like that.
 */
static bool
ends_in_number(const char *host, size_t len)
{
	const char *digits = DIGITS;
	size_t		start = len;

	while (start > 0 && host[start - 1] != '.')
		start--;
	if (len - start >= 2 && host[start] == '0' &&
		(host[start + 1] == 'x' || host[start + 1] == 'X'))
	{
		digits = DIGITS "abcdefABCDEF";
		start += 2;
	}
	else if (start == len)
		return false;
	return strspn(host + start, digits) >= len - start;
}

/* An address in the form that nobody reads in another way? */
static bool
is_strict_address(int family, const char *host, size_t len)
{
	char		copy[INET6_ADDRSTRLEN];
	struct in6_addr address;	/* has room for one of IPv4 */

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, host, len);
	copy[len] = '\0';
	return inet_pton(family, copy, &address) == 1;
}

static bool
is_ip_address(const char *host)
{
	if (*host == '[' || strspn(host, DIGITS "abcdefABCDEF:.%") == strlen(host))
	{
		const char *colon = strchr(host, ':');

		/* two colons at least, else it is a name with a port */
		if (colon != NULL && strchr(colon + 1, ':') != NULL)
			return true;
	}
	return ends_in_number(host, strlen(host));
}

char *
neon_value_host(const char *name, const char *value)
{
	const char *problem;
	size_t		first = strcspn(value, ".");	/* length of the first label */
	size_t		suffix = strlen(POOLER_SUFFIX);

	if (is_ip_address(value))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" must be a host name, not an IP address",
						name),
				 errdetail("The first label of the host name tells which endpoint is meant.")));

	problem = host_problem(value, strlen(value));
	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" is not a valid host name", name),
				 errdetail_internal("%s", problem),
				 errhint("Give only the host name of the connection string, without scheme, user and port.")));

	if (first > suffix &&
		strncmp(value + first - suffix, POOLER_SUFFIX, suffix) == 0)
		return psprintf("%.*s%s", (int) (first - suffix), value,
						value + first);
	return pstrdup(value);
}

/*
 * What is wrong with the "host:port" of a URL, NULL if nothing.  Other than
 * in the option "host", addresses are welcome: local endpoints and proxies
 * have no name.
 */
static const char *
authority_problem(const char *authority, size_t len)
{
	const char *end = authority + len;
	const char *port;

	if (memchr(authority, '@', len) != NULL)
		return "It must not contain a user name or password.";

	if (len > 0 && *authority == '[')
	{
		const char *close = memchr(authority, ']', len);

		if (close == NULL ||
			!is_strict_address(AF_INET6, authority + 1,
							   close - authority - 1))
			return "The IPv6 address is not valid.";
		port = close + 1;
	}
	else
	{
		const char *problem;

		port = memchr(authority, ':', len);
		if (port == NULL)
			port = end;
		problem = host_problem(authority, port - authority);
		if (problem != NULL)
			return problem;
		if (ends_in_number(authority, port - authority) &&
			!is_strict_address(AF_INET, authority, port - authority))
			return "An IPv4 address has four decimal numbers.";
	}

	if (port < end)
	{
		int			number = 0;

		if (*port != ':' || end - port < 2 || end - port > 6)
			return "The port is not valid.";
		for (port++; port < end; port++)
		{
			if (*port < '0' || *port > '9')
				return "The port is not valid.";
			number = number * 10 + (*port - '0');
		}
		if (number < 1 || number > 65535)
			return "The port is not valid.";
	}
	return NULL;
}

/* Throws for a URL; the value itself may hold a password and is not shown. */
static void
invalid_url(const char *name, const char *problem, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"%s\" is not a valid URL", name),
			 errdetail_internal("%s", problem),
			 hint ? errhint("%s", hint) : 0));
}

void
neon_value_check_url(const char *name, const char *value)
{
	const char *authority;
	const char *problem;

	if (pg_strncasecmp(value, "https://", 8) == 0)
		authority = value + 8;
	else if (pg_strncasecmp(value, "http://", 7) == 0)
		authority = value + 7;
	else
	{
		invalid_url(name, "It must start with https:// or http://.", NULL);
		return;					/* keep compiler quiet */
	}

	/* before any other complaint, so that credentials are named as such */
	problem = authority_problem(authority, strcspn(authority, "/?#\\"));
	if (problem != NULL)
		invalid_url(name, problem, NULL);
	if (strchr(value, '#') != NULL)
		invalid_url(name, "It must not contain a fragment (\"#\").", NULL);
	if (!pg_is_ascii(value) || strpbrk(value, " \"<>\\^`{|}") != NULL)
		invalid_url(name, "It contains characters that must be percent-encoded.",
					NULL);
}

/*
 * Everybody who can connect to the database can read the options of a server
 * in the catalog, so a password has no place there.
 */
void
neon_value_check_proxy(const char *name, const char *value)
{
	static const char *const schemes[] =
	{"http://", "https://", "socks4://", "socks4a://", "socks5://", "socks5h://"};
	const char *authority = value;
	const char *problem;
	size_t		len;

	if (*value == '\0')
		return;					/* no proxy, whatever the environment says */

	for (int i = 0; i < lengthof(schemes); i++)
	{
		if (pg_strncasecmp(value, schemes[i], strlen(schemes[i])) == 0)
			authority = value + strlen(schemes[i]);
	}
	if (authority == value && strstr(value, "://") != NULL)
		invalid_url(name,
					"The scheme must be one of http, https, socks4, socks4a, socks5, socks5h.",
					NULL);

	len = strcspn(authority, "/");
	problem = authority_problem(authority, len);
	if (memchr(authority, '@', len) != NULL)
		invalid_url(name, problem,
					"Options of a server can be read by everybody. Set HTTPS_PROXY in the environment of the server instead.");
	if (problem != NULL)
		invalid_url(name, problem, NULL);
	if (authority[len] != '\0' && strcmp(authority + len, "/") != 0)
		invalid_url(name, "A proxy has no path.", NULL);
}

bool
neon_value_is_plain_url(const char *value)
{
	return pg_strncasecmp(value, "https://", 8) != 0;
}
