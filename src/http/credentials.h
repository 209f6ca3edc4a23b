/*-------------------------------------------------------------------------
 *
 * http/credentials.h
 *		Who a connection is to the endpoint: a role, and a password or a
 *		token that proves it.
 *
 * A token (JWT) comes from the user mapping or from the session's parameter
 * neon_http_fdw.auth_token, which wins.  Where there is one, it goes into an
 * Authorization header, the connection string has no password, and requests
 * go to another host.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_HTTP_CREDENTIALS_H
#define NEON_HTTP_CREDENTIALS_H

#include "option/option.h"

typedef enum NeonTokenSource
{
	NEON_TOKEN_NONE,
	NEON_TOKEN_MAPPING,
	NEON_TOKEN_SESSION
} NeonTokenSource;

/* All of it lives in a memory context of its own. */
typedef struct NeonCredentials
{
	MemoryContext context;
	NeonTokenSource source;
	char	   *token;			/* NULL: none */
	bool		has_password;	/* the connection string has */
	char	   *url;			/* that requests go to; no credentials */
	char	   *own_url;		/* that of the endpoint's own host, if
								 * requests may go there, too; else NULL */
	char	   *connection_string;	/* UTF-8 */

	/*
	 * Texts that no message may show (UTF-8, NULL-terminated list): password
	 * and token as they are and as they are sent, parts of the token, the
	 * connection string, the proxy's credentials.
	 */
	const char **secrets;
} NeonCredentials;

/* Defines the parameter.  Called once, when the library is loaded. */
extern void neon_credentials_init(void);

/*
 * Is the owner of a server a superuser, the user, or a role that the user is
 * in?
 */
extern bool neon_trusts_owner(Oid userid, Oid owner);

/*
 * Makes the credentials of a user who asks a server of this owner, in a child
 * of the current memory context.  user->user must be set.
 */
extern NeonCredentials *neon_credentials_make(const NeonServerOptions *server,
											  const NeonUserOptions *user,
											  Oid userid, Oid owner);

/*
 * Do these credentials still hold?  The session's token may be another one by
 * now.
 */
extern bool neon_credentials_current(const NeonCredentials *credentials,
									 const NeonUserOptions *user,
									 Oid userid, Oid owner);

/*
 * Throws unless there is something to prove who the user is, or the user
 * needs no proof.  To be called before each request, because users may share
 * a mapping for PUBLIC.
 */
extern void neon_credentials_check(const NeonCredentials *credentials,
								   const NeonUserOptions *user,
								   const char *server_name,
								   Oid userid, Oid owner);

#endif							/* NEON_HTTP_CREDENTIALS_H */
