/*-------------------------------------------------------------------------
 *
 * http/measure.c
 *		Asks libcurl how a transfer went, or why it failed.
 *
 * libcurl has no call that tells the version of TLS or where it took the
 * proxy from, but it says so in its verbose output.  Headers and bodies, which
 * hold credentials, pass through the same callback; of them it only looks for
 * the method CONNECT, with which a tunnel is asked for.
 *
 * Since version 8 libcurl knows neither the time of connecting nor the address
 * before everything up to TLS is done.  Where a later step than connecting may
 * still fail, both are therefore noted here, when that step begins.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "http/measure.h"
#include "http/socket.h"

int64
neon_measure_now(const NeonTrace *trace)
{
	instr_time	now;

	INSTR_TIME_SET_CURRENT(now);
	INSTR_TIME_SUBTRACT(now, trace->begun);
	return (int64) INSTR_TIME_GET_MICROSEC(now);
}

static bool
starts_with(const char *line, size_t len, const char *text)
{
	return len > strlen(text) && memcmp(line, text, strlen(text)) == 0;
}

/*
 * Copies what follows a text in a line, up to a blank.  The line is not
 * NUL-terminated.
 */
static void
copy_word_after(const char *line, size_t len, const char *text, char *word,
				size_t size)
{
	size_t		start = strlen(text);
	size_t		used = 0;

	if (!starts_with(line, len, text))
		return;
	for (size_t i = start; i < len && used < size - 1; i++)
	{
		if (line[i] <= ' ' || line[i] >= 0x7f)
			break;
		word[used++] = line[i];
	}
	word[used] = '\0';
}

void
neon_measure_connected(NeonTrace *trace)
{
	neon_socket_peer(trace, trace->address, sizeof(trace->address),
					 &trace->port);
}

int
neon_measure_debug(CURL *easy, curl_infotype type, char *data, size_t size,
				   void *client)
{
	NeonTrace  *trace = (NeonTrace *) client;

	if (trace == NULL)
		return 0;
	if (type == CURLINFO_HEADER_OUT && starts_with(data, size, "CONNECT "))
	{
		trace->asked_proxy = neon_measure_now(trace);
		neon_trace_phase(trace, NEON_PHASE_PROXY);
		neon_measure_connected(trace);
	}
	if (type != CURLINFO_TEXT)
		return 0;
	copy_word_after(data, size, "SSL connection using ", trace->tls_version,
					sizeof(trace->tls_version));
	copy_word_after(data, size, "Uses proxy env variable ",
					trace->proxy_variable, sizeof(trace->proxy_variable));
	return 0;
}

bool
neon_measure_request_id(const char *line, size_t len, char *id, size_t size)
{
	static const char name[] = "neon-request-id:";
	const size_t namelen = sizeof(name) - 1;
	size_t		used = 0;

	if (len <= namelen || pg_strncasecmp(line, name, namelen) != 0)
		return false;
	for (size_t i = namelen; i < len && used < size - 1; i++)
	{
		if (line[i] > ' ' && line[i] < 0x7f)
			id[used++] = line[i];
	}
	id[used] = '\0';
	return true;
}

static int64
get_time(CURL *easy, CURLINFO info)
{
	curl_off_t	when = 0;

	return curl_easy_getinfo(easy, info, &when) == CURLE_OK ? when : 0;
}

static long
get_long(CURL *easy, CURLINFO info)
{
	long		value = 0;

	return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

int
neon_measure_status(CURL *easy)
{
	long		status = get_long(easy, CURLINFO_RESPONSE_CODE);

	return status >= 200 ? (int) status : 0;
}

/*
 * The version of HTTP as 10, 11, 20 or 30: libcurl's numbers are those of an
 * enum.
 */
static int
get_http_version(CURL *easy)
{
	switch (get_long(easy, CURLINFO_HTTP_VERSION))
	{
		case CURL_HTTP_VERSION_1_0:
			return 10;
		case CURL_HTTP_VERSION_1_1:
			return 11;
		case CURL_HTTP_VERSION_2_0:
			return 20;
		case NEON_CURL_HTTP_VERSION_3:
			return 30;
		default:
			return 0;
	}
}

/*
 * Notes what the peer's own certificate says, which is the first of the chain.
 */
static void
get_certificate(CURL *easy, NeonTrace *trace)
{
	static const char subject[] = "Subject:";
	static const char issuer[] = "Issuer:";
	struct curl_certinfo *chain = NULL;

	if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &chain) != CURLE_OK ||
		chain == NULL || chain->num_of_certs < 1)
		return;
	for (struct curl_slist *line = chain->certinfo[0]; line; line = line->next)
	{
		if (strncmp(line->data, subject, strlen(subject)) == 0)
			strlcpy(trace->subject, line->data + strlen(subject),
					sizeof(trace->subject));
		else if (strncmp(line->data, issuer, strlen(issuer)) == 0)
			strlcpy(trace->issuer, line->data + strlen(issuer),
					sizeof(trace->issuer));
	}
}

void
neon_measure_fill(CURL *easy, const NeonProgress *progress, NeonTrace *trace)
{
	char	   *address = NULL;

	trace->attempts = progress->attempts;
	if (trace->attempts > 0)
		trace->bytes_sent = (int64) (trace->attempts - 1) *
			progress->upload.len + progress->upload.handed;
	trace->resolved = get_time(easy, CURLINFO_NAMELOOKUP_TIME_T);
	trace->connected = get_time(easy, CURLINFO_CONNECT_TIME_T);
	if (trace->connected == 0)
		trace->connected = trace->asked_proxy > 0 ?
			trace->asked_proxy : trace->tunneled;
	trace->secured = get_time(easy, CURLINFO_APPCONNECT_TIME_T);
	trace->ready = get_time(easy, CURLINFO_PRETRANSFER_TIME_T);
	trace->replied = get_time(easy, CURLINFO_STARTTRANSFER_TIME_T);
	trace->total = get_time(easy, CURLINFO_TOTAL_TIME_T);
	trace->reused = trace->replied > 0 &&
		get_long(easy, CURLINFO_NUM_CONNECTS) == 0;
	trace->http_version = get_http_version(easy);
	trace->proxy_status = (int) get_long(easy, CURLINFO_HTTP_CONNECTCODE);
	if (curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &address) == CURLE_OK &&
		address != NULL && address[0] != '\0')
	{
		strlcpy(trace->address, address, sizeof(trace->address));
		trace->port = (int) get_long(easy, CURLINFO_PRIMARY_PORT);
	}
	get_certificate(easy, trace);
}

/* ---------- why it failed ---------- */

/* What an unfinished transfer was doing. */
static NeonPhase
current_phase(CURL *easy, const NeonProgress *progress)
{
	curl_off_t	uploaded = 0;

	if (progress->received)
		return NEON_PHASE_BODY;
	if (progress->attempts > 0)
	{
		curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
		return uploaded < (curl_off_t) progress->upload.len ?
			NEON_PHASE_SEND : NEON_PHASE_WAIT;
	}
	if (progress->handshaking)
		return NEON_PHASE_TLS;
	return get_time(easy, CURLINFO_NAMELOOKUP_TIME_T) > 0 ?
		NEON_PHASE_CONNECT : NEON_PHASE_RESOLVE;
}

static NeonPhase
failed_phase(CURL *easy, const NeonProgress *progress, CURLcode code)
{
	switch (code)
	{
		case CURLE_UNSUPPORTED_PROTOCOL:
		case CURLE_URL_MALFORMAT:
		case CURLE_NOT_BUILT_IN:
			/* the first of them is also said of a reply that is no HTTP */
			return progress->attempts == 0 ?
				NEON_PHASE_SETUP : current_phase(easy, progress);
		case CURLE_COULDNT_RESOLVE_HOST:
		case CURLE_COULDNT_RESOLVE_PROXY:
			return NEON_PHASE_RESOLVE;
		case CURLE_COULDNT_CONNECT:
			return NEON_PHASE_CONNECT;
		case CURLE_ABORTED_BY_CALLBACK:
			/* not to be sent again: no reply came over a kept connection */
			return NEON_PHASE_WAIT;
		case CURLE_SSL_CONNECT_ERROR:
		case CURLE_PEER_FAILED_VERIFICATION:
		case CURLE_SSL_CACERT_BADFILE:
		case CURLE_SSL_ISSUER_ERROR:
		case CURLE_SSL_CERTPROBLEM:
		case CURLE_SSL_CIPHER:
		case CURLE_USE_SSL_FAILED:
		case CURLE_SSL_ENGINE_INITFAILED:
			return NEON_PHASE_TLS;
		default:
			return current_phase(easy, progress);
	}
}

void
neon_measure_failure(CURL *easy, const NeonProgress *progress, CURLcode code,
					 const char *text, NeonFailure *failure)
{
	failure->phase = failed_phase(easy, progress, code);
	failure->timeout = code == CURLE_OPERATION_TIMEDOUT;
	failure->certificate = code == CURLE_PEER_FAILED_VERIFICATION ||
		code == CURLE_SSL_ISSUER_ERROR;
	failure->cafile = code == CURLE_SSL_CACERT_BADFILE;
	failure->permanent = failure->certificate || failure->cafile ||
		failure->phase == NEON_PHASE_SETUP;
	failure->sent = progress->attempts > 0;
	failure->whole = failure->sent &&
		progress->upload.left == progress->upload.len;
	failure->proxy_status = (int) get_long(easy, CURLINFO_HTTP_CONNECTCODE);
	if (failure->proxy_status < 300 || failure->sent)
		failure->proxy_status = 0;
	if (failure->proxy_status != 0)
	{
		failure->phase = NEON_PHASE_PROXY;
		failure->permanent = failure->proxy_status < 500;
	}
	else if (neon_curl_is_proxy_error(code))
		failure->phase = NEON_PHASE_PROXY;
	strlcpy(failure->text, text, sizeof(failure->text));
}

void
neon_measure_sending(const NeonProgress *progress, NeonTrace *trace)
{
	const NeonUpload *upload = &progress->upload;

	if (upload->handed < upload->len)
		neon_trace_phase(trace, NEON_PHASE_SEND);
	else
	{
		neon_activity_sent(trace->activity, upload->len);
		neon_trace_phase(trace, NEON_PHASE_WAIT);
	}
}
