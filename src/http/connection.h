/*-------------------------------------------------------------------------
 *
 * http/connection.h
 *		Cache of HTTP connections, one entry per user mapping.
 *
 * The folder http/ sends requests and reads replies as bytes, and knows who
 * a session is to an endpoint.  It calls option/, compat/, libcurl (which
 * nothing else does) and PostgreSQL.  It promises that whoever waits can be
 * interrupted, that what belongs to a memory context ends with it, that
 * credentials go to the endpoint alone, and memory that stays flat.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_HTTP_CONNECTION_H
#define NEON_HTTP_CONNECTION_H

#include "http/endpoint.h"
#include "http/transfer.h"

/*
 * Finds or makes the connection for a server and a user mapping.  Connects
 * to nothing yet.  Throws when the mapping lacks what the user must have
 * (user name, password or token).  The pointer is valid until the next call
 * that may process invalidations, or as long as it is held; fetch it again
 * for every request.
 */
extern NeonConnection *neon_connection_get(UserMapping *user);

/*
 * Keeps a connection from being freed.  Releasing frees one that has become
 * stale; it never throws.
 */
extern void neon_connection_hold(NeonConnection *connection);
extern void neon_connection_release(NeonConnection *connection);

/*
 * How large a reply a user mapping (InvalidOid: none) gets from the endpoint at
 * most, in bytes: what a refusal has said last.  Before there was one, it is
 * what the caller takes for it, or more if more has arrived already.  Makes no
 * connection, and never throws.
 */
extern int64 neon_connection_reply_limit(Oid umid, int64 unknown);

/*
 * What to take for it: the proxy's default where a refusal is an error, what
 * Neon documents of its own where it costs a request and no more.
 */
#define NEON_LEAST_REPLY_LIMIT	((int64) 10 * 1024 * 1024)
#define NEON_USUAL_REPLY_LIMIT	((int64) 64 * 1024 * 1024)

/*
 * All entries of the cache that keep connections open or are in use, as a list
 * in the current memory context.  They are valid as long as the result of
 * neon_connection_get().
 */
extern List *neon_connection_list(void);

/*
 * Closes a connection.  Returns false if it is held: then it is closed when
 * nobody holds it any more.
 */
extern bool neon_connection_drop(NeonConnection *connection);

#endif							/* NEON_HTTP_CONNECTION_H */
