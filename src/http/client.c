/*-------------------------------------------------------------------------
 *
 * http/client.c
 *		Settings and open connections for requests to one endpoint.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "http/client.h"
#include "http/handle.h"
#include "http/setopt.h"

/*
 * Initializes libcurl, once per process.  Never in the postmaster: what
 * libcurl and OpenSSL set up must not be shared by its children.
 */
static void
initialize_libcurl(void)
{
	static bool initialized = false;

	if (initialized)
		return;
	neon_http_check(curl_global_init(CURL_GLOBAL_DEFAULT),
					"curl_global_init");
	initialized = true;
}

static void
client_cleanup(void *arg)
{
	NeonHttpClient *client = (NeonHttpClient *) arg;

	if (client->idle != NULL)
		curl_easy_cleanup(client->idle);
	if (client->unfinished != NULL)
		curl_easy_cleanup(client->unfinished);
	if (client->multi != NULL)
		neon_multi_destroy(client->multi);
	curl_slist_free_all(client->headers);
}

void
neon_http_client_set_headers(NeonHttpClient *client,
							 const char *const *headers)
{
	struct curl_slist *list = NULL;

	for (; *headers; headers++)
	{
		struct curl_slist *longer = curl_slist_append(list, *headers);

		if (longer == NULL)
		{
			curl_slist_free_all(list);
			neon_http_check(CURLE_OUT_OF_MEMORY, "CURLOPT_HTTPHEADER");
		}
		list = longer;
	}
	curl_slist_free_all(client->headers);
	client->headers = list;
}

void
neon_http_client_set_url(NeonHttpClient *client, const char *url)
{
	char	   *copy = MemoryContextStrdup(client->context, url);

	pfree(unconstify(char *, client->config.url));
	client->config.url = copy;
}

NeonHttpClient *
neon_http_client_create(const NeonHttpConfig *config)
{
	NeonHttpClient *client = palloc0(sizeof(NeonHttpClient));

	initialize_libcurl();
	client->context = CurrentMemoryContext;
	client->cleanup.func = client_cleanup;
	client->cleanup.arg = client;
	MemoryContextRegisterResetCallback(CurrentMemoryContext,
									   &client->cleanup);

	client->config = *config;
	client->config.headers = NULL;
	client->config.url = pstrdup(config->url);
	if (config->cafile != NULL)
		client->config.cafile = pstrdup(config->cafile);
	if (config->proxy != NULL)
		client->config.proxy = pstrdup(config->proxy);

	neon_http_client_set_headers(client, config->headers);
	return client;
}

bool
neon_http_client_usable(const NeonHttpClient *client)
{
	return client->multi == NULL || !neon_multi_dead(client->multi);
}

NeonMulti *
neon_http_client_multi(NeonHttpClient *client)
{
	if (client->multi == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(client->context);

		client->multi = neon_multi_create();
		MemoryContextSwitchTo(old);
	}
	return client->multi;
}

void
neon_http_client_retire(NeonHttpClient *client, NeonMulti *multi)
{
	if (client->multi == multi)
		client->multi = NULL;
	neon_multi_retire(multi);
}

int
neon_http_client_transfers(const NeonHttpClient *client)
{
	return client->transfers;
}
