/*-------------------------------------------------------------------------
 *
 * fuzz_text.c
 *		libFuzzer target: what users write as connection strings and options.
 *
 * A message must not show what could be a password.  A URL that is accepted
 * leads libcurl to the host that was checked, without credentials in it; a
 * connection string's parts are what its text has at that place.  The first
 * byte says what the rest is.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <arpa/inet.h>

#include <curl/curl.h>

#include "backend.h"
#include "option/address.h"
#include "option/value.h"
#include "schema/attach_url.h"

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Shorter texts are in a message by chance. */
#define SECRET_LENGTH	6

/* ---------- connection strings ---------- */

static void
parse_url(const char *text, void *arg)
{
	*(NeonUrl **) arg = neon_url_parse(text);
}

/*
 * All between the first colon of the authority and its last "@" can be the
 * password.
 */
static void
check_password(const char *text)
{
	const char *start = strstr(text, "://");
	const char *colon = start == NULL ? NULL : strchr(start + 3, ':');
	const char *at = colon == NULL ? NULL : strrchr(colon, '@');
	char	   *password;

	if (at == NULL || at - colon - 1 < SECRET_LENGTH)
		return;
	password = pnstrdup(colon + 1, at - colon - 1);
	/* words of messages have no digits */
	if (strpbrk(password, "0123456789") != NULL &&
		strstr(backend_said, password) != NULL)
		backend_broken("shows a password", backend_said);
}

static void
try_connection_string(const char *text)
{
	NeonUrl    *url = NULL;

	if (backend_try(parse_url, text, &url))
	{
		if (url->user == NULL || url->user[0] == '\0' || url->host == NULL ||
			url->host[0] == '\0' || strchr(url->host, '@') != NULL ||
			strchr(url->host, '/') != NULL)
		{
			/* a host may have been percent-encoded; it is checked later */
			if (strchr(text, '%') == NULL)
				backend_broken("accepted without user or host", text);
		}
	}
	else if (backend_said[0] == '\0')
		backend_broken("refused without a word", text);
	check_password(text);
}

/* ---------- URLs, proxies, hosts ---------- */

static void
check_url(const char *text, void *arg)
{
	neon_value_check_characters("url", text);
	neon_value_check_url("url", text);
}

static void
check_proxy(const char *text, void *arg)
{
	neon_value_check_characters("proxy", text);
	neon_value_check_proxy("proxy", text);
}

static void
check_host(const char *text, void *arg)
{
	neon_value_check_characters("host", text);
	*(char **) arg = neon_value_host("host", text);
}

/* libcurl writes IPv6 addresses in its own way. */
static bool
is_same_host(const char *authority, const char *host)
{
	struct in6_addr a;
	struct in6_addr b;

	if (*authority != '[')
		return pg_strncasecmp(authority, host, strlen(host)) == 0;
	return inet_pton(AF_INET6, pnstrdup(authority + 1,
										strcspn(authority, "]") - 1), &a) == 1 &&
		inet_pton(AF_INET6, pnstrdup(host + 1, strlen(host) - 2), &b) == 1 &&
		memcmp(&a, &b, sizeof(a)) == 0;
}

static void
check_curl_agrees(const char *text)
{
	CURLU	   *handle = curl_url();
	char	   *host = NULL;
	char	   *user = NULL;

	if (curl_url_set(handle, CURLUPART_URL, text, 0) != CURLUE_OK ||
		curl_url_get(handle, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		backend_broken("libcurl does not take it", text);
	if (curl_url_get(handle, CURLUPART_USER, &user, 0) == CURLUE_OK)
		backend_broken("libcurl sees a user in it", text);
	if (!is_same_host(strstr(text, "://") + 3, host))
		backend_broken("libcurl goes to another host", text);
	curl_free(host);
	curl_url_cleanup(handle);
}

static void
try_option(void (*check) (const char *, void *), const char *text)
{
	char	   *result = NULL;

	if (backend_try(check, text, &result))
	{
		if (check == check_url)
			check_curl_agrees(text);
		backend_check_text(result);
	}
	else if (backend_said[0] == '\0')
		backend_broken("refused without a word", text);
	else if (strlen(text) >= SECRET_LENGTH &&
			 strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") ==
			 strlen(text) && strstr(backend_said, text) != NULL)
		backend_broken("shows the value", backend_said);
}

/* ---------- other values ---------- */

static void
read_values(const char *text, void *arg)
{
	switch (*(int *) arg)
	{
		case 0:
			(void) neon_value_bool("o", text);
			break;
		case 1:
			if (neon_value_integer("o", text, 3, 70000) < 3 ||
				neon_value_integer("o", text, 3, 70000) > 70000)
				backend_broken("out of range", text);
			break;
		case 2:
			if (!(neon_value_cost("o", text) >= 0))
				backend_broken("a cost below zero", text);
			break;
		case 3:
			(void) neon_value_consistency("o", text);
			break;
		case 4:
			(void) neon_value_read_checks("o", text);
			break;
		case 5:
			(void) neon_value_autocommit("o", text);
			break;
		case 6:
			(void) neon_value_sslmode("o", text);
			break;
		case 7:
			(void) neon_value_request_host("o", text);
			break;
		case 8:
			(void) neon_value_sampling("o", text);
			break;
		case 9:
			neon_value_check_characters("o", text);
			neon_value_check_printable("o", text);
			for (const char *p = text; *p; p++)
			{
				if (*p < ' ' || *p == 0x7f)
					backend_broken("not printable", text);
			}
			break;
		case 10:
			/* it goes into a header: nothing may end that */
			neon_value_check_token("o", text);
			if (strpbrk(text, "\r\n \"':,;<>") != NULL)
				backend_broken("not a token", text);
			break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char	   *text;

	if (size < 1)
		return 0;
	text = memcpy(palloc(size), data + 1, size - 1);
	text[size - 1] = '\0';
	switch (data[0] % 5)
	{
		case 0:
			try_connection_string(text);
			break;
		case 1:
			try_option(check_url, text);
			break;
		case 2:
			try_option(check_proxy, text);
			break;
		case 3:
			try_option(check_host, text);
			break;
		default:
			for (int i = 0; i <= 10; i++)
				(void) backend_try(read_values, text, &i);
	}
	backend_reset();
	return 0;
}
