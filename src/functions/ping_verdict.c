/*-------------------------------------------------------------------------
 *
 * functions/ping_verdict.c
 *		What the outcome of a ping means.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "functions/ping_verdict.h"
#include "http/account.h"
#include "json/response.h"
#include "remote/diagnosis.h"
#include "remote/error_text.h"

/* ---------- texts ---------- */

char *
neon_ping_text(NeonPing *ping, const char *text)
{
	NeonRedaction redaction = {ping->connection->credentials->secrets, 4};

	return neon_text_show_line(text, strlen(text), NEON_TEXT_LIMIT,
							   &redaction);
}

char *
neon_ping_host(const char *url)
{
	const char *start = strstr(url, "://");
	const char *at;

	start = start != NULL ? start + 3 : url;
	at = strrchr(start, '@');
	if (at != NULL)
		start = at + 1;
	return pnstrdup(start, strcspn(start, "/?"));
}

/*
 * The proxy that the request went through.  The trace tells the environment
 * variable that libcurl took one from, but not an option.
 */
static void
find_proxy(NeonPing *ping)
{
	const char *option = ping->connection->options->proxy;
	const char *url = option;

	if (option == NULL && ping->trace.proxy_variable[0] != '\0')
		url = getenv(ping->trace.proxy_variable);
	if (url != NULL && url[0] != '\0')
		ping->proxy = neon_ping_text(ping, neon_ping_host(url));
}

/* Whose certificate was refused, as a sentence; empty if nobody knows. */
static char *
describe_certificate(NeonPing *ping)
{
	NeonPing	probe = {.connection = ping->connection};

	neon_ping_probe(&probe);
	if (probe.trace.issuer[0] == '\0')
		return pstrdup("");
	return psprintf(" The certificate is for \"%s\" and was issued by \"%s\".",
					neon_ping_text(ping, probe.trace.subject),
					neon_ping_text(ping, probe.trace.issuer));
}

static const char *
advice(NeonPing *ping)
{
	switch (ping->failed)
	{
		case NEON_PING_DNS:
			return ping->proxy != NULL ?
				"Check the name of the proxy." :
				"Check option \"host\" of the server. Where only a proxy resolves outside names, set option \"proxy\" of the server, or HTTPS_PROXY in the environment of the server process.";
		case NEON_PING_CONNECT:
			return ping->proxy != NULL ?
				"Check host and port of the proxy." :
				"A firewall may block the direct way: ask for the proxy to use, and set option \"proxy\" of the server, or HTTPS_PROXY in the environment of the server process.";
		case NEON_PING_PROXY:
			return neon_proxy_hint(ping->trace.proxy_status);
		case NEON_PING_TLS:
			if (ping->failure->cafile)
				return "The file of option \"sslrootcert\", or of SSL_CERT_FILE in the environment of the server process, must be readable for the server process and hold certificates in PEM format.";
			return ping->failure->certificate ?
				"If that is the authority of your organization, whose proxy opens TLS, set option \"sslrootcert\" of the server, or SSL_CERT_FILE in the environment of the server process, to a file with its certificate. Otherwise somebody else answers." :
				"Something on the way may not let TLS through.";
		default:
			return "Something on the way may cut connections.";
	}
}

/* ---------- what happened ---------- */

static NeonPingPhase
phase_of_failure(const NeonFailure *failure)
{
	switch (failure->phase)
	{
		case NEON_PHASE_SETUP:
		case NEON_PHASE_RESOLVE:
			return NEON_PING_DNS;
		case NEON_PHASE_CONNECT:
			return NEON_PING_CONNECT;
		case NEON_PHASE_PROXY:
			return NEON_PING_PROXY;
		case NEON_PHASE_TLS:
			return NEON_PING_TLS;
		default:
			return NEON_PING_HTTP;
	}
}

static void
judge_failure(NeonPing *ping)
{
	NeonError  *error = neon_error_from_failure(ping->connection,
												ping->failure, NULL);

	neon_account_error(ping->connection, error->sqlstate);
	ping->failed = phase_of_failure(ping->failure);

	/* when a proxy does not answer, libcurl takes it for connecting */
	if (ping->failed == NEON_PING_CONNECT && ping->proxy != NULL &&
		ping->trace.connected > 0)
		ping->failed = NEON_PING_PROXY;
	ping->problem = psprintf("%s%s%s%s %s",
							 ping->failure->timeout ? "Timeout: " : "",
							 error->detail,
							 error->detail[strlen(error->detail) - 1] == '.' ?
							 "" : ".",
							 ping->failure->certificate ?
							 describe_certificate(ping) : "",
							 advice(ping));
}

/* Takes apart a reply that is an error, or that is no valid reply. */
static void
judge_error(NeonPing *ping, NeonError *error)
{
	const char *id = neon_transfer_request_id(ping->transfer);

	neon_account_error(ping->connection, error->sqlstate);

	/* every reply of the endpoint has an id, whatever is in it */
	ping->failed = id[0] != '\0' ? NEON_PING_LOGIN : NEON_PING_HTTP;
	ping->problem = psprintf("%s (%s)%s%s%s%s%s", error->message,
							 unpack_sql_state(error->sqlstate),
							 error->detail != NULL ? " " : "",
							 error->detail != NULL ? error->detail : "",
							 error->hint != NULL ? " " : "",
							 error->hint != NULL ? error->hint : "",
							 ping->failed == NEON_PING_HTTP ?
							 " This is not a reply of a Neon endpoint: something on the way answered, or option \"host\" or \"url\" of the server is wrong." : "");
}

/* What proved the user to the database, unless it was the usual password. */
static const char *
proof(const NeonPing *ping)
{
	static const char *const texts[] = {
		[NEON_TOKEN_NONE] = "",
		[NEON_TOKEN_MAPPING] = ", token of the user mapping",
		[NEON_TOKEN_SESSION] = ", token of the session"
	};

	return texts[ping->connection->credentials->source];
}

/* Takes apart the row of a reply with status 200, or says what is wrong. */
static void
judge_reply(NeonPing *ping)
{
	NeonResponse *response = neon_response_create(ping->nresults,
												  ping->ncolumns);
	NeonResponseEvent event;
	int			result = 0;

	neon_response_feed(response, ping->body.data, ping->body.len);
	for (;;)
	{
		event = neon_response_next(response);
		if (event == NEON_RESPONSE_NEED_INPUT)
			event = neon_response_finish(response);
		if (event == NEON_RESPONSE_RESULT_END)
			result++;
		else if (event == NEON_RESPONSE_ROW && result == 1)
		{
			char	  **values = neon_response_row(response)->values;

			ping->login = psprintf("PostgreSQL %s, database \"%s\", user \"%s\"%s",
								   neon_ping_text(ping, values[0] ? values[0] : "?"),
								   neon_ping_text(ping, values[1] ? values[1] : "?"),
								   neon_ping_text(ping, values[2] ? values[2] : "?"),
								   proof(ping));
		}
		else if (event != NEON_RESPONSE_ROW)
			break;
	}
	if (event == NEON_RESPONSE_BROKEN)
		judge_error(ping,
					neon_error_from_problem(ping->connection,
											neon_response_problem(response),
											neon_response_offset(response),
											NULL));
}

void
neon_ping_judge(NeonPing *ping)
{
	ping->failed = NEON_PING_NUM_PHASES;
	find_proxy(ping);
	if (ping->failure != NULL)
		judge_failure(ping);
	else if (ping->status != 200)
		judge_error(ping,
					neon_error_from_reply(ping->connection, ping->status,
										  ping->body.data, ping->body.len,
										  NULL));
	else
		judge_reply(ping);
}
