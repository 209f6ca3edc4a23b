/*-------------------------------------------------------------------------
 *
 * connection.h
 *		Cache of HTTP connections, one entry per server and user mapping.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_CONNECTION_H
#define NEON_CONNECTION_H

#include "foreign/foreign.h"

/*
 * What is needed to talk to one server as one user: request URL, headers,
 * TLS and proxy settings, and the HTTP connections that are kept open.  Lives
 * until the end of the session or until server or mapping change; a change
 * takes effect for the next request.  Never holds a transaction: the endpoint
 * has none that outlive a request.
 */
typedef struct NeonConnection NeonConnection;

/*
 * Finds or makes the connection for a server and a user mapping.  Connects
 * to nothing yet.  Throws when the mapping lacks what the user must have
 * (user name, password).  The pointer is valid until the next call that may
 * process invalidations; fetch it again for every request.
 */
extern NeonConnection *neon_connection_get(UserMapping *user);

#endif							/* NEON_CONNECTION_H */
