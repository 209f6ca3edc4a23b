/*-------------------------------------------------------------------------
 *
 * schema/attach_url.c
 *		Connection strings as Neon's console shows them.
 *
 * A user who mistypes such a string must not find the password in a log file:
 * messages say what is wrong with the string, and show no part of it.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "compat/compat.h"
#include "schema/attach_url.h"

/* The port of PostgreSQL's own protocol, which is not used here. */
#define POSTGRES_PORT	"5432"

pg_noreturn static void
invalid(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid connection string"),
			 errdetail_internal("%s", detail),
			 errhint("The form is \"postgresql://user:password@host/dbname\", with special characters percent-encoded.")));
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = pg_tolower((unsigned char) c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/*
 * From UTF-8 to the server's encoding.  The conversion function is called in
 * the way that returns where it stopped: its error would show bytes of what
 * may be a password.
 */
static char *
to_server(char *text)
{
	int			len = strlen(text);
	int			size = len * MAX_CONVERSION_GROWTH + 1;
	char	   *converted;
	Oid			function;

	if (GetDatabaseEncoding() == PG_UTF8 || GetDatabaseEncoding() == PG_SQL_ASCII)
		return text;
	function = FindDefaultConversionProc(PG_UTF8, GetDatabaseEncoding());
	converted = palloc(size);
	if (!OidIsValid(function) ||
		pg_do_encoding_conversion_buf(function, PG_UTF8, GetDatabaseEncoding(),
									  (unsigned char *) text, len,
									  (unsigned char *) converted, size,
									  true) != len)
		invalid("One of its characters does not exist in the encoding of this database.");
	return converted;
}

/*
 * Decoded copy of a part of the string.  Percent-encoded bytes are UTF-8, all
 * others are in the encoding of this database.
 */
static char *
decode(const char *start, size_t len)
{
	char	   *text = pnstrdup(start, len);
	char	   *utf8 = pg_server_to_any(text, len, PG_UTF8);
	char	   *decoded = palloc(strlen(utf8) + 1);
	char	   *to = decoded;

	for (const char *from = utf8; *from; from++)
	{
		int			high;
		int			low;

		if (*from != '%')
		{
			*to++ = *from;
			continue;
		}
		high = hex_value(from[1]);
		low = high >= 0 ? hex_value(from[2]) : -1;
		if (low < 0)
			invalid("A percent sign is not followed by two hexadecimal digits.");
		if (high == 0 && low == 0)
			invalid("It contains a null character.");
		*to++ = (char) (high * 16 + low);
		from += 2;
	}
	*to = '\0';
	if (!pg_verify_mbstr(PG_UTF8, decoded, to - decoded, true))
		invalid("The percent-encoded bytes are not valid UTF-8.");
	return to_server(decoded);
}

/* NULL for an empty part. */
static char *
decode_optional(const char *start, size_t len)
{
	return len > 0 ? decode(start, len) : NULL;
}

/* Can this only be the name of a parameter?  Anything else is not shown. */
static bool
is_parameter_name(const char *name)
{
	return name[0] != '\0' && strlen(name) < NAMEDATALEN &&
		strspn(name, "abcdefghijklmnopqrstuvwxyz_") == strlen(name);
}

static void
take_parameter(NeonUrl *url, const char *name, char *value)
{
	/* Certificate and host name are verified, whatever the value is. */
	if (strcmp(name, "sslmode") == 0)
	{
		if (strcmp(value, "require") != 0 && strcmp(value, "verify-ca") != 0 &&
			strcmp(value, "verify-full") != 0)
			ereport(NOTICE,
					(errmsg("parameter \"%s\" of the connection string is ignored",
							name),
					 errdetail("Requests go over TLS with a verified certificate.")));
		return;
	}
	if (strcmp(name, "channel_binding") == 0)
		return;
	if (strcmp(name, "options") == 0)
		url->options = value;
	else if (strcmp(name, "connect_timeout") == 0)
		url->connect_timeout = value;
	else
		ereport(NOTICE,
				(errmsg("parameter \"%s\" of the connection string is ignored",
						name)));
}

static void
parse_parameters(NeonUrl *url, const char *text)
{
	while (*text != '\0')
	{
		size_t		len = strcspn(text, "&");
		const char *equals = memchr(text, '=', len);
		char	   *name;

		if (equals == NULL)
			invalid("A parameter has no value.");
		name = decode(text, equals - text);
		if (!is_parameter_name(name))
			invalid("The name of a parameter is not valid.");
		take_parameter(url, name, decode(equals + 1, text + len - equals - 1));
		text += len;
		if (*text == '&')
			text++;
	}
}

/* user[:password]@host[:port] */
static void
parse_authority(NeonUrl *url, const char *text, size_t len)
{
	const char *at = NULL;
	const char *colon;
	const char *host;
	size_t		host_len;

	for (size_t i = 0; i < len; i++)
	{
		if (text[i] == '@')
			at = text + i;		/* the last one: a password may have others */
	}
	if (at == NULL)
		invalid("It has no \"@\" between password and host.");

	colon = memchr(text, ':', at - text);
	url->user = decode_optional(text, (colon ? colon : at) - text);
	if (url->user == NULL)
		invalid("It has no user name.");
	if (colon != NULL)
		url->password = decode_optional(colon + 1, at - colon - 1);

	host = at + 1;
	host_len = text + len - host;
	colon = memchr(host, ':', host_len);
	if (colon != NULL)
	{
		size_t		port_len = host + host_len - colon - 1;

		if (port_len != strlen(POSTGRES_PORT) ||
			memcmp(colon + 1, POSTGRES_PORT, port_len) != 0)
			ereport(NOTICE,
					(errmsg("port of the connection string is ignored"),
					 errdetail("Requests go over HTTPS; its port is option \"port\" of the server.")));
		host_len = colon - host;
	}
	url->host = decode_optional(host, host_len);
	if (url->host == NULL)
		invalid("It has no host.");
	if (strchr(url->host, ',') != NULL)
		invalid("It has more than one host.");
}

NeonUrl *
neon_url_parse(const char *text)
{
	static const char *const schemes[] = {"postgresql://", "postgres://"};
	NeonUrl    *url = palloc0(sizeof(NeonUrl));
	const char *rest = NULL;
	char	   *copy;
	size_t		len;

	/* pasted text often has blanks and line feeds around it */
	text += strspn(text, " \t\r\n");
	len = strlen(text);
	while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
		len--;
	copy = pnstrdup(text, len);

	for (int i = 0; i < lengthof(schemes) && rest == NULL; i++)
	{
		if (pg_strncasecmp(copy, schemes[i], strlen(schemes[i])) == 0)
			rest = copy + strlen(schemes[i]);
	}
	if (rest == NULL)
		invalid("It does not begin with postgresql://.");

	len = strcspn(rest, "/?#");
	parse_authority(url, rest, len);
	rest += len;
	if (*rest == '/')
	{
		len = strcspn(++rest, "?#");
		url->dbname = decode_optional(rest, len);
		rest += len;
	}
	if (*rest == '#')
		invalid("A \"#\" must be percent-encoded.");
	if (*rest == '?')
		parse_parameters(url, rest + 1);
	return url;
}
