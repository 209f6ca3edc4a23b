/*-------------------------------------------------------------------------
 *
 * http/endpoint.h
 *		What this session knows of one endpoint, as one user.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_HTTP_ENDPOINT_H
#define NEON_HTTP_ENDPOINT_H

#include "foreign/foreign.h"

#include "http/client.h"
#include "http/counters.h"
#include "http/credentials.h"
#include "http/failure.h"
#include "option/option.h"

/*
 * What is needed to talk to one server as one user: request URL, headers,
 * TLS and proxy settings, and the HTTP connections that are kept open.  Lives
 * until the end of the session or until server or mapping change; a change
 * takes effect for the next request, also one of the session's token, which
 * keeps the open connections if it can.  Never holds a transaction: the
 * endpoint has none that outlive a request.
 *
 * Only http/endpoint.c and http/connection.c write to it.
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
	bool		on_own_host;	/* requests go to credentials->own_url */
	bool		host_settled;	/* a request has got through that way */

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
 * Makes one, in a memory context that is a child of the current one.  Throws
 * when the mapping names no remote role.
 */
extern NeonConnection *neon_endpoint_make(UserMapping *user);

/*
 * The session's token may have changed since the last request.  False if
 * that needs another connection: to another host, or because somebody still
 * reads from this one, and may have to repeat a request as who it was.
 */
extern bool neon_endpoint_renew(NeonConnection *connection,
								const UserMapping *user);

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
 * No connection to the host that requests go to could be made, because of
 * such a failure: goes over to the endpoint's own host.  False if that would
 * be no use, because an option says which host, because this was it already,
 * or because of what failed.
 */
extern bool neon_connection_try_own_host(NeonConnection *connection,
										 const NeonFailure *failure);

/*
 * No connection to the endpoint's own host could be made, either; or a
 * request has got through to it, so that it is used from now on.
 */
extern void neon_connection_leave_own_host(NeonConnection *connection);
extern void neon_connection_keep_own_host(NeonConnection *connection);

/* The URL that requests go to now. */
extern const char *neon_connection_url(const NeonConnection *connection);

#endif							/* NEON_HTTP_ENDPOINT_H */
