/*-------------------------------------------------------------------------
 *
 * pool.h
 *		Connections to the database.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENDPOINT_POOL_H
#define ENDPOINT_POOL_H

#include <libpq-fe.h>

#include "client.h"
#include "header.h"

typedef struct Backend
{
	PGconn	   *conn;
	PGcancel   *cancel;
	bool		reused;			/* served a request before this one */
	bool		reusable;		/* may serve others; set by the executor */
	bool		pooled;			/* goes back to the pool */
	bool		dirty;			/* idle, the reset is not sent yet */
	char	   *key;
	struct Backend *next;
} Backend;

/*
 * size is the number of idle connections kept, of all keys together.
 * client_encoding is that of the role or database, and text is taken for UTF-8
 * whatever it is: so does the hosted endpoint.
 */
extern void pool_init(const char *host, const char *port, int size);

/*
 * A connection for this target, from the pool if wanted and there is one.
 * NULL on failure, the outcome then holds the reply.
 */
extern Backend *pool_acquire(const Target *target, bool pooled,
							 const Client *client, Outcome *outcome);

/*
 * Tells the statements of one request what the token says, as the setting
 * request.jwt.claims: row security can look there.
 */
extern void pool_set_claims(Backend *backend, const char *claims);

/*
 * Gives a connection back, before the reply is sent: the client's next
 * request shall find it.  Only pool_reset() may see the pointer afterwards.
 */
extern void pool_release(Backend *backend);

/*
 * Sends the reset of a released connection's session unless somebody else
 * has it already.  Nobody waits for the reset's end but the next user, so
 * this costs no request time when called after the reply was sent.
 */
extern void pool_reset(const Backend *backend);

#endif							/* ENDPOINT_POOL_H */
