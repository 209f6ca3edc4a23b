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
 * The session's token as this user may send it to a server of this owner,
 * NULL if there is none.  Valid until the parameter changes.
 *
 * It is what the session's user can prove, so it goes along only where that
 * user acts: not through views and functions of others, which have their
 * owner's mapping.  And it goes only to servers whose owner the user trusts
 * anyway, because the owner decides where requests are sent.
 */
extern const char *neon_session_token(Oid userid, Oid owner);

/* Is there one that neon_session_token() keeps back? */
extern bool neon_session_token_withheld(Oid userid, Oid owner);

/*
 * Is the owner of a server a superuser, the user, or a role that the user is
 * in?
 */
extern bool neon_trusts_owner(Oid userid, Oid owner);

/* Is there anything to prove who it is? */
static inline bool
neon_credentials_proof(const NeonCredentials *credentials)
{
	return credentials->token != NULL || credentials->has_password;
}

/* In a child of the current memory context.  user->user must be set. */
extern NeonCredentials *neon_credentials_make(const NeonServerOptions *server,
											  const NeonUserOptions *user,
											  const char *session_token);

/*
 * Do these still hold, when the session's token is the given one (may be
 * NULL)?
 */
extern bool neon_credentials_current(const NeonCredentials *credentials,
									 const NeonUserOptions *user,
									 const char *session_token);

#endif							/* NEON_HTTP_CREDENTIALS_H */
