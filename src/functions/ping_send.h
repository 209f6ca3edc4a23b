/*-------------------------------------------------------------------------
 *
 * functions/ping_send.h
 *		The request of neon_http_ping() and what came back.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_FUNCTIONS_PING_SEND_H
#define NEON_FUNCTIONS_PING_SEND_H

#include "http/connection.h"

/* The steps of the way to a server, in their order. */
typedef enum NeonPingPhase
{
	NEON_PING_DNS,
	NEON_PING_CONNECT,
	NEON_PING_PROXY,
	NEON_PING_TLS,
	NEON_PING_HTTP,
	NEON_PING_LOGIN,
	NEON_PING_NUM_PHASES
} NeonPingPhase;

typedef struct NeonPing
{
	NeonConnection *connection; /* set by the caller, who holds it */

	/* What neon_ping_send() fills in. */
	char	   *url;			/* that the request went to */
	int			nresults;
	int			ncolumns[2];
	NeonTransfer *transfer;		/* to be ended by the caller */
	NeonTrace	trace;
	const NeonFailure *failure; /* NULL: a reply came */
	int			status;			/* HTTP status */
	StringInfoData body;

	/* What neon_ping_judge() fills in. */
	NeonPingPhase failed;		/* NEON_PING_NUM_PHASES: none */
	char	   *problem;		/* why it failed, and what to do */
	char	   *login;			/* what the database said, if it did */
	char	   *proxy;			/* its host and port, NULL: no proxy is used */
} NeonPing;

/*
 * Sends the request over a connection of its own and waits for all of the
 * reply.  Failures are returned; interrupts throw.
 */
extern void neon_ping_send(NeonPing *ping);

/*
 * Connects to the same place without verifying the certificate, and sends
 * nothing: for finding out who issued a certificate that was refused, which
 * libcurl does not keep.
 */
extern void neon_ping_probe(NeonPing *probe);

#endif							/* NEON_FUNCTIONS_PING_SEND_H */
