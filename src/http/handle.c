/*-------------------------------------------------------------------------
 *
 * http/handle.c
 *		What libcurl needs of a client: configured handles.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <limits.h>

#include "utils/memutils.h"

#include "http/authorities.h"
#include "http/handle.h"
#include "http/measure.h"
#include "http/setopt.h"

/*
 * What libcurl reads from a socket at once.  TLS has records of 16 kB, so
 * more than that would seldom be filled, and libcurl allocates it anew for
 * each request.
 */
#define RECEIVE_BUFFER_SIZE		(32 * 1024L)

/* Certificates: of the endpoint, and likewise of an https proxy. */
static void
set_tls(CURL *easy, NeonHttpClient *client)
{
	const NeonHttpConfig *config = &client->config;
	long		peer = config->verify ? 1 : 0;
	long		host = config->verify ? 2 : 0;
	bool		proxy_tls;

	NEON_SETOPT(easy, CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
	NEON_SETOPT(easy, CURLOPT_SSL_VERIFYPEER, peer);
	NEON_SETOPT(easy, CURLOPT_SSL_VERIFYHOST, host);
	if (config->cafile != NULL)
	{
		/* the named bundle only, not the built-in directory as well */
		NEON_SETOPT(easy, CURLOPT_CAINFO, config->cafile);
		NEON_SETOPT(easy, CURLOPT_CAPATH, NULL);
	}
	else if (config->verify && !client->authorities_by_file)
		(void) neon_authorities_by_name(easy);
	proxy_tls = (curl_version_info(CURLVERSION_NOW)->features &
				 CURL_VERSION_HTTPS_PROXY) != 0;
	if (!proxy_tls)
		return;
	NEON_SETOPT(easy, CURLOPT_PROXY_SSLVERSION,
				(long) CURL_SSLVERSION_TLSv1_2);
	NEON_SETOPT(easy, CURLOPT_PROXY_SSL_VERIFYPEER, peer);
	NEON_SETOPT(easy, CURLOPT_PROXY_SSL_VERIFYHOST, host);
	if (config->cafile != NULL)
	{
		NEON_SETOPT(easy, CURLOPT_PROXY_CAINFO, config->cafile);
		NEON_SETOPT(easy, CURLOPT_PROXY_CAPATH, NULL);
	}
}

static void
set_network(CURL *easy, const NeonHttpConfig *config)
{
	/* libcurl reads 0 as its default of 300 s */
	long		connect_timeout = config->connect_timeout > 0 ?
		Min((int64) config->connect_timeout * 1000, INT_MAX) : INT_MAX;

	neon_http_check(neon_multi_prepare(easy), "CURLOPT_OPENSOCKETFUNCTION");
	NEON_SETOPT(easy, CURLOPT_NOSIGNAL, 1L);
#ifdef NEON_HAVE_QUICK_EXIT
	NEON_SETOPT(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
	NEON_SETOPT(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_timeout);
	NEON_SETOPT(easy, CURLOPT_TCP_NODELAY, 1L);
	NEON_SETOPT(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	NEON_SETOPT(easy, CURLOPT_FORBID_REUSE, config->keep ? 0L : 1L);
	NEON_SETOPT(easy, CURLOPT_BUFFERSIZE, RECEIVE_BUFFER_SIZE);
	if (config->proxy != NULL)
		NEON_SETOPT(easy, CURLOPT_PROXY, config->proxy);
}

static void
set_http(CURL *easy, const NeonHttpConfig *config)
{
	neon_http_check(neon_curl_protocols(easy, config->plain),
					"CURLOPT_PROTOCOLS");
	NEON_SETOPT(easy, CURLOPT_FOLLOWLOCATION, 0L);
	NEON_SETOPT(easy, CURLOPT_POST, 1L);
	if (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTP2)
		NEON_SETOPT(easy, CURLOPT_HTTP_VERSION,
					(long) CURL_HTTP_VERSION_2TLS);

	/*
	 * Credentials travel in a header of ours, and only there: not from a file
	 * of the server's owner, and not to a proxy on CONNECT.
	 */
	NEON_SETOPT(easy, CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
	NEON_SETOPT(easy, CURLOPT_HEADEROPT, (long) CURLHEADER_SEPARATE);
	NEON_SETOPT(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	NEON_SETOPT(easy, CURLOPT_DEBUGFUNCTION, neon_measure_debug);
}

bool
neon_handle_trust_file(NeonHttpClient *client, CURL *easy)
{
	if (client->config.cafile != NULL || !client->config.verify)
		return false;
	client->authorities_by_file = true;
	return neon_authorities_by_file(easy);
}

struct curl_slist *
neon_handle_link_headers(NeonHttpClient *client, const char *const *headers,
						 struct curl_slist *links)
{
	struct curl_slist *list = client->headers;
	int			n = 0;

	for (; *headers; headers++)
	{
		if (n == NEON_MAX_REQUEST_HEADERS)
			elog(ERROR, "too many request headers");
		links[n].data = unconstify(char *, *headers);
		links[n].next = list;
		list = &links[n++];
	}
	return list;
}

CURL *
neon_handle_take(NeonHttpClient *client)
{
	CURL	   *easy = client->idle;

	if (easy != NULL)
	{
		client->idle = NULL;
		return easy;
	}
	/* a handle is left here if libcurl refused an option the last time */
	if (client->unfinished != NULL)
		curl_easy_cleanup(client->unfinished);
	easy = client->unfinished = curl_easy_init();
	if (easy == NULL)
		neon_http_check(CURLE_OUT_OF_MEMORY, "curl_easy_init");
	set_network(easy, &client->config);
	set_tls(easy, client);
	set_http(easy, &client->config);
	client->unfinished = NULL;
	return easy;
}

void
neon_handle_give(NeonHttpClient *client, CURL *easy)
{
	/* nothing of the request may be touched any more */
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, NULL);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, NULL);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, NULL);
	curl_easy_setopt(easy, CURLOPT_DEBUGDATA, NULL);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, NULL);
	if (client->idle == NULL)
		client->idle = easy;
	else
		curl_easy_cleanup(easy);
}

/*
 * For a handle that sends nothing and is not given back: verifies the
 * endpoint's certificate no more.  That of an https proxy is still verified,
 * because the proxy may be sent credentials.
 */
static void
trust_anybody(CURL *easy)
{
	NEON_SETOPT(easy, CURLOPT_SSL_VERIFYPEER, 0L);
	NEON_SETOPT(easy, CURLOPT_SSL_VERIFYHOST, 0L);
}

/*
 * How long names once looked up are used, in seconds; libcurl's default.
 */
#define DNS_CACHE_TIMEOUT	60L

void
neon_handle_set_kind(NeonHttpClient *client, CURL *easy, NeonRequestKind kind,
					 NeonTrace *trace)
{
	bool		normal = kind == NEON_REQUEST_NORMAL;

	NEON_SETOPT(easy, CURLOPT_DEBUGDATA, trace);
	NEON_SETOPT(easy, CURLOPT_VERBOSE, !normal ||
				(client->tls_version[0] == '\0' && !client->config.plain) ?
				1L : 0L);
	NEON_SETOPT(easy, CURLOPT_FRESH_CONNECT, normal ? 0L : 1L);
	NEON_SETOPT(easy, CURLOPT_DNS_CACHE_TIMEOUT,
				normal ? DNS_CACHE_TIMEOUT : 0L);
	/* a resumed TLS session would show no certificate, and verify none */
	NEON_SETOPT(easy, CURLOPT_SSL_SESSIONID_CACHE, normal ? 1L : 0L);
	/* not with every TLS library; only messages say less without */
	curl_easy_setopt(easy, CURLOPT_CERTINFO, normal ? 0L : 1L);
	if (kind != NEON_REQUEST_PROBE)
		return;
	trust_anybody(easy);
	NEON_SETOPT(easy, CURLOPT_CONNECT_ONLY, 1L);
}

char *
neon_handle_take_buffer(NeonHttpClient *client, size_t size)
{
	char	   *buffer = client->idle_buffer;

	client->idle_buffer = NULL;
	return buffer != NULL ? buffer : MemoryContextAlloc(client->context, size);
}

void
neon_handle_give_buffer(NeonHttpClient *client, char *buffer)
{
	if (client->idle_buffer == NULL)
		client->idle_buffer = buffer;
	else
		pfree(buffer);
}

/*
 * How long a kept connection may have been idle.  Something on the way may
 * have closed it without a word; what cannot be sent twice had better not
 * find that out.
 */
#define IDLE_SECONDS		118L
#define IDLE_SECONDS_ONCE	5L

void
neon_handle_set_idle(CURL *easy, bool once)
{
#ifdef NEON_HAVE_MAXAGE
	NEON_SETOPT(easy, CURLOPT_MAXAGE_CONN,
				once ? IDLE_SECONDS_ONCE : IDLE_SECONDS);
#endif
}

void
neon_handle_report(NeonHttpClient *client, NeonTrace *trace)
{
	if (trace->tls_version[0] != '\0')
		strlcpy(client->tls_version, trace->tls_version,
				sizeof(client->tls_version));
	else
		strlcpy(trace->tls_version, client->tls_version,
				sizeof(trace->tls_version));
	if (client->config.report != NULL)
		client->config.report(client->config.report_arg, trace);
}
