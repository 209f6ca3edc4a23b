/*-------------------------------------------------------------------------
 *
 * option/settings.h
 *		What options say, as structures with their defaults filled in.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_OPTION_SETTINGS_H
#define NEON_OPTION_SETTINGS_H

#include "nodes/pg_list.h"

typedef enum NeonSslMode
{
	NEON_SSL_DEFAULT,			/* not set: verify-full, unless SSL_CERT_FILE
								 * is set to the empty string */
	NEON_SSL_DISABLE,			/* plain http */
	NEON_SSL_REQUIRE,			/* TLS, certificate not verified */
	NEON_SSL_VERIFY_FULL		/* TLS, peer and host name verified */
} NeonSslMode;

/* The host that requests go to. */
typedef enum NeonRequestHost
{
	NEON_REQUEST_HOST_AUTO,		/* "api"; the endpoint's own if no connection
								 * to that can be made */
	NEON_REQUEST_HOST_API,		/* the one whose first label is "api" */
	NEON_REQUEST_HOST_ENDPOINT	/* the endpoint's own */
} NeonRequestHost;

/* Largest value of the option max_connections. */
#define NEON_MAX_CONNECTIONS	32

/* Largest value of the option fetch_ahead. */
#define NEON_MAX_FETCH_AHEAD	8

/* How ANALYZE takes a sample of a remote relation. */
typedef enum NeonSampling
{
	NEON_SAMPLING_DEFAULT,		/* of a table: as its server says */
	NEON_SAMPLING_OFF,			/* every row comes here */
	NEON_SAMPLING_AUTO,
	NEON_SAMPLING_RANDOM,
	NEON_SAMPLING_SYSTEM,
	NEON_SAMPLING_BERNOULLI
} NeonSampling;

/*
 * When are reads of a transaction at REPEATABLE READ or SERIALIZABLE computed
 * again?
 */
typedef enum NeonReadChecks
{
	NEON_READ_CHECKS_EACH,		/* in each later request, and at the commit */
	NEON_READ_CHECKS_COMMIT,	/* at the commit */
	NEON_READ_CHECKS_OFF
} NeonReadChecks;

/* A table's word on what its server says for all tables. */
typedef enum NeonOverride
{
	NEON_OVERRIDE_NONE,
	NEON_OVERRIDE_FALSE,
	NEON_OVERRIDE_TRUE
} NeonOverride;

/* Everything a server's options say, defaults filled in. */
typedef struct NeonServerOptions
{
	char	   *host;			/* as given, without "-pooler" */
	int			port;			/* 443 */
	char	   *dbname;			/* NULL: the user's name, as libpq has it */
	char	   *url;			/* NULL: derived from host and port */
	NeonRequestHost request_host;	/* when there is no url */
	char	   *options;		/* NULL: none */
	char	   *application_name;	/* with escapes, NULL: the session's */
	NeonSslMode sslmode;
	char	   *sslrootcert;	/* NULL: SSL_CERT_FILE or the system's */
	char	   *proxy;			/* NULL: environment, "": none */
	int			connect_timeout;	/* seconds, 0: no limit */
	int			request_timeout;	/* seconds, 0: no limit */
	int			stall_timeout;	/* seconds, 0: no limit */
	int			max_retries;
	bool		keep_connections;
	bool		read_only_scans;
	bool		consistent_reads;	/* never read a table in pieces */
	int			fetch_ahead;	/* pieces on their way while one is read */
	int			max_connections;	/* requests that scans may send at once */
	NeonReadChecks read_checks;
	char	   *spill_schema;	/* for results over the limit, NULL: none */
	bool		autocommit;		/* each statement is a transaction */
	char	   *commit_ledger;	/* quoted and qualified, NULL: none */
	bool		updatable;
	bool		truncatable;
	List	   *extensions;		/* OIDs of extensions */
	List	   *extension_schemas;	/* NeonExtensionSchema of those that have
									 * another schema on the remote */
	double		fdw_startup_cost;
	double		fdw_tuple_cost;
	bool		use_remote_size;
	bool		use_remote_estimate;
	bool		async_capable;	/* scans may be sent ahead */
	NeonSampling analyze_sampling;
} NeonServerOptions;

typedef struct NeonUserOptions
{
	char	   *user;			/* NULL: not set */
	char	   *password;		/* NULL: not set */
	char	   *auth_token;		/* NULL: not set; wins over password */
	bool		password_required;	/* true unless a superuser said no */
} NeonUserOptions;

typedef struct NeonTableOptions
{
	char	   *schema_name;	/* remote; default: local schema's name */
	char	   *table_name;		/* remote; default: local table's name */
	NeonOverride use_remote_size;
	NeonOverride use_remote_estimate;
	NeonOverride async_capable;
	int			fetch_ahead;	/* -1: as the server says */
	NeonOverride updatable;
	NeonOverride truncatable;
	NeonSampling analyze_sampling;
} NeonTableOptions;

/* What holds for a table, given what its server says. */
static inline bool
neon_override(NeonOverride table, bool server)
{
	return table == NEON_OVERRIDE_NONE ? server : table == NEON_OVERRIDE_TRUE;
}

typedef struct NeonColumnOptions
{
	char	   *column_name;	/* remote; default: local column's name */
	char	   *type_name;		/* remote type as SQL text, NULL: the same
								 * name as here (set by IMPORT for user types) */
	bool		key;			/* part of the remote primary key */
	bool		same_order;		/* false: its enum has labels in another order */
} NeonColumnOptions;

/* Those of one IMPORT FOREIGN SCHEMA statement. */
typedef struct NeonImportOptions
{
	bool		import_collate;
	bool		import_default;
	bool		import_generated;
	bool		import_not_null;
	bool		import_types;
} NeonImportOptions;

#endif							/* NEON_OPTION_SETTINGS_H */
