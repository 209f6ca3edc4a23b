/*-------------------------------------------------------------------------
 *
 * functions/ping.c
 *		neon_http_ping(): the way to a server, step by step.
 *
 * One request over a connection of its own, reported phase by phase.  What
 * goes wrong on the way is a row, not an error: this is for finding out
 * why nothing works.  Nothing is tried twice.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "functions/function.h"
#include "http/connection.h"
#include "http/wait.h"
#include "remote/error.h"
#include "remote/error_text.h"
#include "remote/guard.h"
#include "remote/remote.h"

PG_FUNCTION_INFO_V1(neon_http_ping);

/*
 * When the server has no request_timeout: longer than a compute needs to
 * wake up, and than anybody wants to look at a cursor.
 */
#define PING_TIMEOUT_MS		30000

/* For finding out who issued a certificate that was refused. */
#define PROBE_TIMEOUT_MS	5000

/* The reply to two short statements is a few hundred bytes; errors, HTML. */
#define MAX_REPLY			(1024 * 1024)

typedef enum PingPhase
{
	PING_DNS,
	PING_CONNECT,
	PING_PROXY,
	PING_TLS,
	PING_HTTP,
	PING_LOGIN,
	PING_NUM_PHASES
} PingPhase;

static const char *const phase_names[] = {
	[PING_DNS] = "dns",
	[PING_CONNECT] = "connect",
	[PING_PROXY] = "proxy",
	[PING_TLS] = "tls",
	[PING_HTTP] = "http",
	[PING_LOGIN] = "login",
};

typedef struct Ping
{
	MemoryContextCallback cleanup;
	NeonConnection *connection; /* pinned */
	bool		plain;			/* http:// */
	char	   *host;			/* that requests go to */
	int			nresults;
	int			ncolumns[2];
	NeonTransfer *transfer;
	NeonTrace	trace;
	const NeonFailure *failure;
	int			status;
	StringInfoData body;
	char	   *proxy;			/* host and port, NULL: none is used */
	PingPhase	failed;			/* PING_NUM_PHASES: none */
	char	   *problem;
	char	   *login;			/* what the database said */
} Ping;

static void
ping_cleanup(void *arg)
{
	neon_connection_unpin(((Ping *) arg)->connection);
}

/* ---------- sending ---------- */

/* Waits for all of the reply.  Interrupts throw. */
static void
run_transfer(Ping *ping, NeonRequest *request, int64 timeout)
{
	instr_time	waited;
	const char *data;
	size_t		len;
	int64		deadline = neon_clock() + timeout;

	INSTR_TIME_SET_ZERO(waited);
	initStringInfo(&ping->body);
	ping->transfer = neon_transfer_start(ping->connection->client, request);
	while ((len = neon_transfer_read(ping->transfer, &data, deadline, 0,
									 &waited)) > 0)
		appendBinaryStringInfo(&ping->body, data,
							   Min(len, MAX_REPLY - ping->body.len));
	ping->trace = *neon_transfer_trace(ping->transfer);
	ping->failure = neon_transfer_failure(ping->transfer);
	ping->status = neon_transfer_status(ping->transfer);
}

static void
send_request(Ping *ping)
{
	static const char *const headers[] = {
		"Neon-Batch-Isolation-Level: RepeatableRead",
		"Neon-Batch-Read-Only: true",
		NULL
	};
	NeonRequest request = {.headers = headers,.kind = NEON_REQUEST_TRACED};
	NeonQuery	queries[2] = {0};
	int			timeout = ping->connection->options->request_timeout;

	neon_guard(&queries[0]);
	queries[1].sql = "SELECT pg_catalog.current_setting('server_version'),"
		" pg_catalog.current_database(), current_user";
	queries[1].ncolumns = 3;
	ping->nresults = lengthof(queries);
	for (int i = 0; i < lengthof(queries); i++)
		ping->ncolumns[i] = queries[i].ncolumns;
	request.body = neon_request_body(queries, lengthof(queries), &request.len);
	run_transfer(ping, &request,
				 timeout > 0 ? (int64) timeout * 1000 : PING_TIMEOUT_MS);
}

/* ---------- texts ---------- */

/* From outside, and not trusted to be without secrets. */
static char *
shown(Ping *ping, const char *text)
{
	NeonRedaction redaction = {ping->connection->credentials->secrets, 4};

	return neon_text_show_line(text, strlen(text), NEON_TEXT_LIMIT,
							   &redaction);
}

/* Host and port of a URL, without scheme, credentials and path. */
static char *
host_of_url(const char *url)
{
	const char *start = strstr(url, "://");
	const char *at;

	start = start != NULL ? start + 3 : url;
	at = strrchr(start, '@');
	if (at != NULL)
		start = at + 1;
	return pnstrdup(start, strcspn(start, "/?"));
}

/* libcurl says only of one from the environment that it uses it. */
static void
find_proxy(Ping *ping)
{
	const char *option = ping->connection->options->proxy;
	const char *url = option;

	if (option == NULL && ping->trace.proxy_variable[0] != '\0')
		url = getenv(ping->trace.proxy_variable);
	if (url != NULL && url[0] != '\0')
		ping->proxy = shown(ping, host_of_url(url));
}

/*
 * The certificate that was refused, which libcurl does not keep: connects
 * again without verifying it, and sends nothing.
 */
static char *
describe_certificate(Ping *ping)
{
	NeonRequest request = {.body = "",.headers = (const char *const[])
		{
			NULL
		}
		,.kind = NEON_REQUEST_PROBE
	};
	Ping		probe = {.connection = ping->connection};

	run_transfer(&probe, &request, PROBE_TIMEOUT_MS);
	if (probe.trace.issuer[0] == '\0')
		return pstrdup("");
	return psprintf(" The certificate is for \"%s\" and was issued by \"%s\".",
					shown(ping, probe.trace.subject),
					shown(ping, probe.trace.issuer));
}

static const char *
advice(Ping *ping)
{
	switch (ping->failed)
	{
		case PING_DNS:
			return ping->proxy != NULL ?
				"Check the name of the proxy." :
				"Check option \"host\" of the server. Where only a proxy resolves outside names, set option \"proxy\" of the server, or HTTPS_PROXY in the environment of the server process.";
		case PING_CONNECT:
			return ping->proxy != NULL ?
				"Check host and port of the proxy." :
				"A firewall may block the direct way: ask for the proxy to use, and set option \"proxy\" of the server, or HTTPS_PROXY in the environment of the server process.";
		case PING_PROXY:
			return ping->trace.proxy_status == 407 ?
				"The proxy wants a user name and a password: set HTTPS_PROXY in the environment of the server process to http://user:password@host:port." :
				"The proxy does not let this through: ask for the endpoint's host name and port to be allowed.";
		case PING_TLS:
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

static PingPhase
phase_of_failure(const NeonFailure *failure)
{
	switch (failure->phase)
	{
		case NEON_PHASE_SETUP:
		case NEON_PHASE_RESOLVE:
			return PING_DNS;
		case NEON_PHASE_CONNECT:
			return PING_CONNECT;
		case NEON_PHASE_PROXY:
			return PING_PROXY;
		case NEON_PHASE_TLS:
			return PING_TLS;
		default:
			return PING_HTTP;
	}
}

static void
judge_failure(Ping *ping)
{
	NeonError  *error = neon_error_from_failure(ping->connection,
												ping->failure, NULL);

	neon_stats_error(ping->connection->stats, error->sqlstate);
	ping->failed = phase_of_failure(ping->failure);

	/* a tunnel that the proxy keeps silent about looks like connecting */
	if (ping->failed == PING_CONNECT && ping->proxy != NULL &&
		ping->trace.connected > 0)
		ping->failed = PING_PROXY;
	ping->problem = psprintf("%s%s%s%s %s",
							 ping->failure->timeout ? "Timeout: " : "",
							 error->detail,
							 error->detail[strlen(error->detail) - 1] == '.' ?
							 "" : ".",
							 ping->failure->certificate ?
							 describe_certificate(ping) : "",
							 advice(ping));
}

/* Of a reply that is an error, or none at all. */
static void
judge_error(Ping *ping, NeonError *error)
{
	const char *id = neon_transfer_request_id(ping->transfer);

	neon_stats_error(ping->connection->stats, error->sqlstate);

	/* every reply of the endpoint has an id, whatever is in it */
	ping->failed = id[0] != '\0' ? PING_LOGIN : PING_HTTP;
	ping->problem = psprintf("%s (%s)%s%s%s%s%s", error->message,
							 unpack_sql_state(error->sqlstate),
							 error->detail != NULL ? " " : "",
							 error->detail != NULL ? error->detail : "",
							 error->hint != NULL ? " " : "",
							 error->hint != NULL ? error->hint : "",
							 ping->failed == PING_HTTP ?
							 " This is not a reply of a Neon endpoint: something on the way answered, or option \"host\" or \"url\" of the server is wrong." : "");
}

/* With what the login was done, unless it is a password as usual. */
static const char *
proof(const Ping *ping)
{
	static const char *const texts[] = {
		[NEON_TOKEN_NONE] = "",
		[NEON_TOKEN_MAPPING] = ", token of the user mapping",
		[NEON_TOKEN_SESSION] = ", token of the session"
	};

	return texts[ping->connection->credentials->source];
}

/* Takes the row apart, or says what is wrong with the reply. */
static void
judge_reply(Ping *ping)
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
								   shown(ping, values[0] ? values[0] : "?"),
								   shown(ping, values[1] ? values[1] : "?"),
								   shown(ping, values[2] ? values[2] : "?"),
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

static void
judge(Ping *ping)
{
	ping->failed = PING_NUM_PHASES;
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

/* ---------- the rows ---------- */

/*
 * Microseconds that a phase took.  The reply's body counts for HTTP, the time
 * until it begins for the login, so that all together are the whole time.
 */
static int64
phase_time(const Ping *ping, PingPhase phase)
{
	const NeonTrace *trace = &ping->trace;
	int64		tunneled = Max(trace->connected, trace->tunneled);
	int64		secured = Max(tunneled, trace->secured);
	int64		ready = Max(secured, trace->ready);
	int64		replied = Max(ready, trace->replied);

	if (phase == ping->failed && phase < PING_HTTP)
	{
		/* the step's own end is not known: what is left of the time */
		int64		begin[] = {0, trace->resolved, trace->connected, tunneled};

		return trace->total - begin[phase];
	}
	switch (phase)
	{
		case PING_DNS:
			return trace->resolved;
		case PING_CONNECT:
			return trace->connected - trace->resolved;
		case PING_PROXY:
			return tunneled - trace->connected;
		case PING_TLS:
			return secured - tunneled;
		case PING_HTTP:
			return ready - secured + trace->total -
				(trace->replied > 0 ? replied : ready);
		default:
			return replied - ready;
	}
}

static const char *
http_name(int version)
{
	return version == 20 ? "HTTP/2" : version == 30 ? "HTTP/3" :
		version == 10 ? "HTTP/1.0" : "HTTP/1.1";
}

/* What there is to say of a phase that went well. */
static char *
phase_detail(Ping *ping, PingPhase phase)
{
	const NeonTrace *trace = &ping->trace;

	switch (phase)
	{
		case PING_DNS:
			return ping->proxy != NULL ?
				psprintf("proxy %s", ping->proxy) : ping->host;
		case PING_CONNECT:
			return psprintf(strchr(trace->address, ':') != NULL ?
							"[%s]:%d" : "%s:%d", trace->address, trace->port);
		case PING_PROXY:
			return psprintf("proxy %s to %s", ping->proxy, ping->host);
		case PING_TLS:
			return psprintf("%s%s%s%s",
							trace->tls_version[0] != '\0' ?
							trace->tls_version : "TLS",
							ping->connection->verified ?
							"" : ", certificate not verified",
							trace->issuer[0] != '\0' ?
							", certificate issued by " : "",
							shown(ping, trace->issuer));
		case PING_HTTP:
			return psprintf("%s, status %d", http_name(trace->http_version),
							ping->status);
		default:
			return ping->login;
	}
}

static void
put_phase(FunctionCallInfo fcinfo, Ping *ping, PingPhase phase)
{
	NeonResultRow row = {0};

	neon_result_add_text(&row, phase_names[phase]);
	if (phase > ping->failed)
	{
		neon_result_add_null(&row);
		neon_result_add_null(&row);
		neon_result_add_text(&row, "not reached");
	}
	else
	{
		neon_result_add(&row, BoolGetDatum(phase != ping->failed));
		neon_result_add(&row,
						Float8GetDatum(phase_time(ping, phase) / 1000.0));
		neon_result_add_text(&row, phase == ping->failed ?
							 ping->problem : phase_detail(ping, phase));
	}
	neon_result_put(fcinfo, &row);
}

Datum
neon_http_ping(PG_FUNCTION_ARGS)
{
	ForeignServer *server = neon_function_server(NameStr(*PG_GETARG_NAME(0)));
	UserMapping *user = GetUserMapping(GetUserId(), server->serverid);
	Ping	   *ping = palloc0(sizeof(Ping));

	InitMaterializedSRF(fcinfo, 0);
	ping->connection = neon_connection_get(user);
	neon_connection_pin(ping->connection);
	ping->cleanup.func = ping_cleanup;
	ping->cleanup.arg = ping;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &ping->cleanup);
	ping->plain = pg_strncasecmp(ping->connection->credentials->url, "http:", 5) == 0;
	ping->host = host_of_url(ping->connection->credentials->url);

	send_request(ping);
	judge(ping);
	for (PingPhase phase = 0; phase < PING_NUM_PHASES; phase++)
	{
		if ((phase == PING_PROXY && ping->proxy == NULL) ||
			(phase == PING_TLS && ping->plain))
			continue;
		put_phase(fcinfo, ping, phase);
	}
	neon_transfer_end(ping->transfer);
	return (Datum) 0;
}
