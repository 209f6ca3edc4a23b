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
#include "stats/totals.h"

/*
 * What is needed to talk to one server as one user: request URL, headers,
 * TLS and proxy settings, and the HTTP connections that are kept open.  Lives
 * until the end of the session or until server or mapping change; a change
 * takes effect for the next request, also one of the session's token, which
 * keeps the open connections if it can.  Never holds a transaction: the
 * endpoint has none that outlive a request.
 *
 * Only http/endpoint.c, http/connection.c and http/account.c write to it.
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
	int64		requests;		/* since it was made, as the next ones */
	NeonTraffic traffic;
	int			http_version;	/* of the last reply, as NeonTrace's */
	char		tls_version[NEON_TLS_VERSION_SIZE];
	NeonTotalsRef totals;		/* of the server, for the user who asked last */

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

	/* Learned by all requests (bytes, 0: not known). */
	int64		reply_limit;	/* the largest reply, as a refusal said */
	int64		reply_seen;		/* the largest one that has arrived */

	bool		stale;			/* not to be used for new requests */
	int			holders;		/* for whom it is kept */
} NeonConnection;

/*
 * Makes a connection, in a memory context that is a child of the current one.
 * Throws when the mapping names no remote role.
 */
extern NeonConnection *neon_endpoint_make(UserMapping *user);

/*
 * Gives a connection the token of the session, which may have changed since
 * the last request.  Returns false if that needs another connection: because
 * the token goes to another host, or because somebody still reads from this
 * connection, and may have to repeat a request as who it was.
 */
extern bool neon_endpoint_renew(NeonConnection *connection,
								const UserMapping *user);

/*
 * What requests learn of the endpoint.  It has refused a request of so many
 * bytes and named a limit (0: it has not).  It has refused to give a reply, and
 * named a limit (0: it has not); so many bytes of a reply have arrived.  A
 * transaction with this id was rolled back, for rehearsals to test.  A
 * rehearsal has been rolled back, which proves something only once there is
 * such an id to test.
 */
extern void neon_connection_learn_limit(NeonConnection *connection,
										int64 limit, size_t refused);
extern void neon_connection_learn_reply_limit(NeonConnection *connection,
											  int64 limit);
extern void neon_connection_received(NeonConnection *connection, int64 bytes);
extern void neon_connection_probed(NeonConnection *connection,
								   const char *xid);
extern void neon_connection_rolled_back(NeonConnection *connection);

/*
 * Goes over to the endpoint's own host, after no connection could be made to
 * the host that requests go to.  Returns false if that would be no use:
 * because an option says which host to use, because requests go to the own
 * host already, or because of the kind of failure.
 */
extern bool neon_connection_try_own_host(NeonConnection *connection,
										 const NeonFailure *failure);

/*
 * Leaves the endpoint's own host again, because no connection could be made to
 * it either; or keeps to it from now on, because a request has got through.
 */
extern void neon_connection_leave_own_host(NeonConnection *connection);
extern void neon_connection_keep_own_host(NeonConnection *connection);

/* Do both lead to the same database, as whatever user? */
extern bool neon_connection_same_place(const NeonConnection *a,
									   const NeonConnection *b);

/* The URL that requests go to now. */
extern const char *neon_connection_url(const NeonConnection *connection);

#endif							/* NEON_HTTP_ENDPOINT_H */
