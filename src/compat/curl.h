/*-------------------------------------------------------------------------
 *
 * compat/curl.h
 *		libcurl, and what differs between its supported versions.
 *
 * The only place that looks at LIBCURL_VERSION_NUM.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_COMPAT_CURL_H
#define NEON_COMPAT_CURL_H

#include <curl/curl.h>

#if LIBCURL_VERSION_NUM < 0x073d00
#error "neon_http_fdw needs libcurl 7.61 or later"
#endif

/*
 * CURLOPT_QUICK_EXIT, since 7.87.  Without this option, to end a transfer
 * whose host name is still being looked up waits for the resolver thread, and
 * so does a cancel.
 */
#if LIBCURL_VERSION_NUM >= 0x075700
#define NEON_HAVE_QUICK_EXIT 1
#endif

/*
 * CURLOPT_PREREQFUNCTION, since 7.80: libcurl calls this function before it
 * sends the request, each time: so it is known whether anything was sent, and
 * whether libcurl sent it again by itself.
 */
#if LIBCURL_VERSION_NUM >= 0x075000
#define NEON_HAVE_PREREQ 1
#endif

/* The longest that a kept connection may have been idle (since 7.65). */
#if LIBCURL_VERSION_NUM >= 0x074100
#define NEON_HAVE_MAXAGE 1
#endif

/* Restricts a handle to https, or to http and https. */
static inline CURLcode
neon_curl_protocols(CURL *easy, bool plain)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR,
							plain ? "http,https" : "https");
#else
	long		mask = CURLPROTO_HTTPS | (plain ? CURLPROTO_HTTP : 0);

	return curl_easy_setopt(easy, CURLOPT_PROTOCOLS, mask);
#endif
}

/*
 * The file and the directory with the authorities that libcurl trusts by
 * default, NULL if it has none.  Versions before 7.70 do not tell.
 */
static inline void
neon_curl_authorities(const char **file, const char **directory)
{
#if LIBCURL_VERSION_NUM >= 0x074600
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);

	if (info->age >= CURLVERSION_SEVENTH)
	{
		*file = info->cainfo;
		*directory = info->capath;
		return;
	}
#endif
	*file = NULL;
	*directory = NULL;
}

/*
 * HTTP/3 has a number since 7.66; older versions never say that they use it.
 */
#if LIBCURL_VERSION_NUM >= 0x074200
#define NEON_CURL_HTTP_VERSION_3 CURL_HTTP_VERSION_3
#else
#define NEON_CURL_HTTP_VERSION_3 30L
#endif

/* Does TLS by OpenSSL, and by nothing else?  Then that is what it names. */
static inline bool
neon_curl_has_openssl(void)
{
	const char *library = curl_version_info(CURLVERSION_NOW)->ssl_version;

	return library != NULL && strncmp(library, "OpenSSL/", 8) == 0;
}

/* A SOCKS proxy's refusal has a code of its own since 7.73. */
static inline bool
neon_curl_is_proxy_error(CURLcode code)
{
#if LIBCURL_VERSION_NUM >= 0x074900
	return code == CURLE_PROXY;
#else
	return false;
#endif
}

#endif							/* NEON_COMPAT_CURL_H */
