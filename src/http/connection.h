/*-------------------------------------------------------------------------
 *
 * http/connection.h
 *		Cache of HTTP connections, one entry per user mapping.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_HTTP_CONNECTION_H
#define NEON_HTTP_CONNECTION_H

#include "foreign/foreign.h"
#include "nodes/pg_list.h"

#include "http/counters.h"
#include "http/credentials.h"
#include "http/transfer.h"
#include "option/option.h"

/*
 * What is needed to talk to one server as one user: request URL, headers,
 * TLS and proxy settings, and the HTTP connections that are kept open.  Lives
 * until the end of the session or until server or mapping change; a change
 * takes effect for the next request, also one of the session's token, which
 * keeps the open connections if it can.  Never holds a transaction: the
 * endpoint has none that outlive a request.
 *
 * Only http/connection.c writes to it.
 */
typedef struct NeonConnection
{
	MemoryContext context;		/* holds all of it */
	char	   *server_name;
	NeonServerOptions *options;
	NeonUserOptions *user;
	NeonCredentials *credentials;	/* until the next neon_connection_get() */
	NeonHttpClient *client;

	Oid			serverid;
	Oid			owner;			/* of the server */
	Oid			umid;
	Oid			mapping_user;	/* InvalidOid: PUBLIC */
	NeonTraffic traffic;		/* since it was made */
	NeonServerStats *stats;		/* of the server, in this session */

	uint32		server_hash;	/* syscache hash values, for invalidation */
	uint32		mapping_hash;
	bool		verified;		/* certificate and host name are */

	/*
	 * Learned by requests that write: the largest request that the endpoint
	 * takes (bytes, 0: not known), and whether it honours a closing ROLLBACK.
	 * To find that out, a transaction with the id probe_xid was rolled back.
	 */
	int64		request_limit;
	char		probe_xid[24];
	bool		rolls_back;

	bool		stale;			/* not to be used for new requests */
	int			holders;		/* for whom it is kept */
} NeonConnection;

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
 * What requests learn of the endpoint: that it refused one of so many bytes
 * and named a limit (0: it did not), the id of the transaction with which
 * its ROLLBACK is tested, and that it honours a closing ROLLBACK (which
 * counts only once there is something to test that by).
 */
extern void neon_connection_learn_limit(NeonConnection *connection,
										int64 limit, size_t refused);
extern void neon_connection_probed(NeonConnection *connection,
								   const char *xid);
extern void neon_connection_rolled_back(NeonConnection *connection);

/*
 * All that are in the cache, as a list in the current memory context; valid
 * as neon_connection_get()'s.
 */
extern List *neon_connection_list(void);

/*
 * Closes it.  False if it is held: then that happens when it no longer is.
 */
extern bool neon_connection_drop(NeonConnection *connection);

#endif							/* NEON_HTTP_CONNECTION_H */
