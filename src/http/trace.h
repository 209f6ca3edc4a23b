/*-------------------------------------------------------------------------
 *
 * http/trace.h
 *		How a transfer went: its steps, its connection, its certificate.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_HTTP_TRACE_H
#define NEON_HTTP_TRACE_H

#include "portability/instr_time.h"

#include "stats/activity.h"

#define NEON_TLS_VERSION_SIZE	16
#define NEON_CERTIFICATE_SIZE	256

typedef struct NeonTrace
{
	NeonRequestPurpose purpose;
	NeonActivity *activity;		/* where others see it, NULL: they do not */
	NeonPhase	phase;			/* that the transfer is in */
	bool		complete;		/* the reply has been received in full */
	instr_time	begun;

	/*
	 * When each step was done, in microseconds since the request began; 0 if
	 * it was not reached.  With a kept connection the first are all done at
	 * once.
	 */
	int64		resolved;
	int64		connected;		/* TCP; to the proxy if there is one */
	int64		tunneled;		/* TLS with the endpoint begins; may be
								 * unknown */
	int64		secured;
	int64		ready;			/* to send the request */
	int64		replied;		/* first byte of the reply */
	int64		total;

	int			attempts;		/* how often the request was sent */
	bool		reused;			/* over a kept connection */
	int64		bytes_sent;		/* bodies, all attempts */
	int64		bytes_received;

	int			http_version;	/* 10, 11, 20, 30; 0 if unknown */
	int			proxy_status;	/* of the reply to CONNECT, 0 if none */
	int			port;			/* the address that was connected to */
	char		address[64];
	char		tls_version[NEON_TLS_VERSION_SIZE]; /* "" if none or unknown */

	/* The rest is known of traced requests only. */
	int64		asked_proxy;	/* when, for a tunnel */
	char		proxy_variable[16]; /* environment variable that names the
									 * proxy in use, "" if none does */

	/* as the peer says, so anything may be in there; "" if unknown */
	char		subject[NEON_CERTIFICATE_SIZE];
	char		issuer[NEON_CERTIFICATE_SIZE];
} NeonTrace;

/* The transfer goes into another phase, for others to see. */
static inline void
neon_trace_phase(NeonTrace *trace, NeonPhase phase)
{
	trace->phase = phase;
	neon_activity_phase(trace->activity, phase);
}

#endif							/* NEON_HTTP_TRACE_H */
