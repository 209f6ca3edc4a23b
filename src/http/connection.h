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
