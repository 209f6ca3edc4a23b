/*-------------------------------------------------------------------------
 *
 * jwt.h
 *		Tokens (JWT) and the keys that sign them.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENDPOINT_JWT_H
#define ENDPOINT_JWT_H

#include <stdbool.h>

typedef struct JwtOptions
{
	const char *jwks;			/* file with a key set, NULL: no tokens */
	const char *audience;		/* that tokens must be for, NULL: any */
} JwtOptions;

/* What a valid token says. */
typedef struct JwtClaims
{
	char	   *text;			/* all of it, as JSON */
	char	   *subject;		/* NULL if it has none */
} JwtClaims;

/*
 * Is the token signed by one of the keys, and valid now?  NULL if so, else
 * what is wrong with it, in the hosted endpoint's words.  claims is filled in
 * only if it is valid.
 */
extern const char *jwt_verify(const JwtOptions *options, const char *token,
							  JwtClaims *claims);

extern void jwt_free(JwtClaims *claims);

#endif							/* ENDPOINT_JWT_H */
