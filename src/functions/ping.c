/*-------------------------------------------------------------------------
 *
 * functions/ping.c
 *		neon_http_ping(): the way to a server, step by step.
 *
 * One request over a connection of its own is reported phase by phase.  A
 * phase that fails is a row of the result, not an error: the function is for
 * finding out why nothing works.  Nothing is tried twice.
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
#include "functions/ping_send.h"
#include "functions/ping_verdict.h"

PG_FUNCTION_INFO_V1(neon_http_ping);

static const char *const phase_names[] = {
	[NEON_PING_DNS] = "dns",
	[NEON_PING_CONNECT] = "connect",
	[NEON_PING_PROXY] = "proxy",
	[NEON_PING_TLS] = "tls",
	[NEON_PING_HTTP] = "http",
	[NEON_PING_LOGIN] = "login",
};

typedef struct HeldPing
{
	MemoryContextCallback cleanup;
	NeonPing	ping;
} HeldPing;

static void
release(void *arg)
{
	neon_connection_release(((HeldPing *) arg)->ping.connection);
}

/*
 * Microseconds that a phase took.  The reply's body counts for HTTP, the time
 * until it begins for the login, so that all together are the whole time.
 */
static int64
phase_time(const NeonPing *ping, NeonPingPhase phase)
{
	const NeonTrace *trace = &ping->trace;
	int64		tunneled = Max(trace->connected, trace->tunneled);
	int64		secured = Max(tunneled, trace->secured);
	int64		ready = Max(secured, trace->ready);
	int64		replied = Max(ready, trace->replied);

	if (phase == ping->failed && phase < NEON_PING_HTTP)
	{
		/* the end of the phase is not known: it took what is left of the time */
		int64		begin[] = {0, trace->resolved, trace->connected, tunneled};

		/* the clocks of libcurl and of the trace differ by microseconds */
		return Max(0, trace->total - begin[phase]);
	}
	switch (phase)
	{
		case NEON_PING_DNS:
			return trace->resolved;
		case NEON_PING_CONNECT:
			return trace->connected - trace->resolved;
		case NEON_PING_PROXY:
			return tunneled - trace->connected;
		case NEON_PING_TLS:
			return secured - tunneled;
		case NEON_PING_HTTP:
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
phase_detail(NeonPing *ping, NeonPingPhase phase)
{
	const NeonTrace *trace = &ping->trace;
	char	   *host = neon_ping_host(ping->url);

	switch (phase)
	{
		case NEON_PING_DNS:
			return ping->proxy != NULL ?
				psprintf("proxy %s", ping->proxy) : host;
		case NEON_PING_CONNECT:
			return psprintf(strchr(trace->address, ':') != NULL ?
							"[%s]:%d" : "%s:%d", trace->address, trace->port);
		case NEON_PING_PROXY:
			return psprintf("proxy %s to %s", ping->proxy, host);
		case NEON_PING_TLS:
			return psprintf("%s%s%s%s",
							ping->connection->verified ?
							"" : "certificate not verified, ",
							trace->tls_version[0] != '\0' ?
							trace->tls_version : "TLS",
							trace->issuer[0] != '\0' ?
							", certificate issued by " : "",
							neon_ping_text(ping, trace->issuer));
		case NEON_PING_HTTP:
			return psprintf("%s, status %d", http_name(trace->http_version),
							ping->status);
		default:
			return ping->login;
	}
}

static void
put_phase(FunctionCallInfo fcinfo, NeonPing *ping, NeonPingPhase phase)
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

static void
put_phases(FunctionCallInfo fcinfo, NeonPing *ping, NeonPingPhase last)
{
	bool		plain = pg_strncasecmp(ping->url, "http:", 5) == 0;

	for (NeonPingPhase phase = 0; phase <= last; phase++)
	{
		if ((phase == NEON_PING_PROXY && ping->proxy == NULL) ||
			(phase == NEON_PING_TLS && plain))
			continue;
		put_phase(fcinfo, ping, phase);
	}
}

/* The host that requests go to was not reached: does the other one answer? */
static void
ping_own_host(NeonPing *ping)
{
	NeonPing	first = *ping;

	neon_transfer_end(first.transfer);
	memset(ping, 0, sizeof(NeonPing));
	ping->connection = first.connection;
	neon_ping_send(ping);
	neon_ping_judge(ping);
	if (ping->failure == NULL)
		neon_connection_keep_own_host(ping->connection);
	else
		neon_connection_leave_own_host(ping->connection);
}

Datum
neon_http_ping(PG_FUNCTION_ARGS)
{
	UserMapping *user = neon_function_mapping(NameStr(*PG_GETARG_NAME(0)));
	HeldPing   *held = palloc0(sizeof(HeldPing));
	NeonPing   *ping = &held->ping;

	InitMaterializedSRF(fcinfo, 0);
	ping->connection = neon_connection_get(user);
	neon_connection_hold(ping->connection);
	held->cleanup.func = release;
	held->cleanup.arg = held;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &held->cleanup);
	neon_ping_send(ping);
	neon_ping_judge(ping);
	if (ping->failure != NULL &&
		neon_connection_try_own_host(ping->connection, ping->failure))
	{
		put_phases(fcinfo, ping, ping->failed);
		ping_own_host(ping);
	}
	put_phases(fcinfo, ping, NEON_PING_NUM_PHASES - 1);
	neon_transfer_end(ping->transfer);
	return (Datum) 0;
}
