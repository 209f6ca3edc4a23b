/*-------------------------------------------------------------------------
 *
 * schema/attach_url.h
 *		Connection strings as Neon's console shows them.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCHEMA_ATTACH_URL_H
#define NEON_SCHEMA_ATTACH_URL_H

/* In the server's encoding; NULL where absent. */
typedef struct NeonUrl
{
	char	   *user;			/* never NULL */
	char	   *password;
	char	   *host;			/* never NULL; not checked */
	char	   *dbname;
	char	   *options;
	char	   *connect_timeout;
} NeonUrl;

/*
 * Parses postgresql://user:password@host/dbname?name=value&...  A
 * parameter that is not used here is ignored with a NOTICE.  No message shows a part of the
 * text that could be, or belong to, a password.
 */
extern NeonUrl *neon_url_parse(const char *text);

#endif							/* NEON_SCHEMA_ATTACH_URL_H */
