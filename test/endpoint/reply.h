/*-------------------------------------------------------------------------
 *
 * reply.h
 *		Sending an outcome to the HTTP client.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENDPOINT_REPLY_H
#define ENDPOINT_REPLY_H

#include <microhttpd.h>

#include "client.h"
#include "error.h"
#include "fault.h"
#include "header.h"

typedef struct Reply
{
	const char *id;				/* neon-request-id */
	const char *content_type;
	const Headers *echo;		/* batch headers to repeat, NULL: none */
	const Fault *fault;
	const Client *client;
} Reply;

/* Takes the outcome's body.  The result is for the access handler. */
extern enum MHD_Result reply_send(struct MHD_Connection *connection,
								  const Reply *reply, Outcome *outcome);

/* The answer to a browser's question what it may send. */
extern enum MHD_Result reply_send_options(struct MHD_Connection *connection,
										  const char *id);

#endif							/* ENDPOINT_REPLY_H */
