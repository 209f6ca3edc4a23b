/*-------------------------------------------------------------------------
 *
 * header.h
 *		What a request's headers ask for.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENDPOINT_HEADER_H
#define ENDPOINT_HEADER_H

#include "error.h"
#include "jwt.h"

/* Logins by token. */
typedef struct TokenOptions
{
	JwtOptions	jwt;			/* without keys no host takes tokens */
	const char *host;			/* that takes them, too; NULL: none */
	const char *password;		/* of all roles that log in by token */
} TokenOptions;

/* Where a connection string points; all parts percent-decoded. */
typedef struct Target
{
	char	   *user;
	char	   *password;		/* the string's, or with a token ours */
	bool		by_token;
	char	   *dbname;
	char	   *host;
	char	   *options;		/* NULL if the string has none */
} Target;

typedef struct Headers
{
	Target		target;
	const char *http_host;		/* that the request was sent to */
	const char *token;			/* not verified yet; NULL: a password host */
	bool		raw_text;
	bool		array_mode;
	bool		pool;
	const char *isolation;		/* the header's value, NULL if absent */
	const char *isolation_sql;
	bool		read_only;
	bool		deferrable;
} Headers;

/* Returns the value of a header, NULL if the request has none. */
typedef const char *(*HeaderLookup) (void *arg, const char *name);

/*
 * Reads all headers.  False if one of them is wrong, the outcome then holds
 * the reply.  headers must be zero on entry and is to be freed in any case;
 * it may keep pointers into the request's own header values.
 */
extern bool header_parse(Headers *headers, const TokenOptions *options,
						 HeaderLookup lookup, void *arg, Outcome *outcome);
extern void header_free(Headers *headers);

#endif							/* ENDPOINT_HEADER_H */
