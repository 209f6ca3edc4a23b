/*-------------------------------------------------------------------------
 *
 * option/option.h
 *		Options of servers, user mappings, tables and columns.
 *
 * One static table (option/option.c) names every option with the object it belongs
 * to; the getters, the validator, its hints and the README's reference follow
 * it.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_OPTION_OPTION_H
#define NEON_OPTION_OPTION_H

#include "foreign/foreign.h"
#include "nodes/pg_list.h"

#include "compat/compat.h"

typedef enum NeonSslMode
{
	NEON_SSL_DEFAULT,			/* not set: verify-full, unless SSL_CERT_FILE
								 * is set to the empty string */
	NEON_SSL_DISABLE,			/* plain http */
	NEON_SSL_REQUIRE,			/* TLS, certificate not verified */
	NEON_SSL_VERIFY_FULL		/* TLS, peer and host name verified */
} NeonSslMode;

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
	char	   *options;		/* NULL: none */
	NeonSslMode sslmode;
	char	   *sslrootcert;	/* NULL: SSL_CERT_FILE or the system's */
	char	   *proxy;			/* NULL: environment, "": none */
	int			connect_timeout;	/* seconds, 0: no limit */
	int			request_timeout;	/* seconds, 0: no limit */
	int			max_retries;
	bool		keep_connections;
	bool		read_only_scans;
	bool		consistent_reads;	/* never read a table in pieces */
	bool		autocommit;		/* each statement is a transaction */
	char	   *commit_ledger;	/* quoted and qualified, NULL: none */
	bool		updatable;
	bool		truncatable;
	List	   *extensions;		/* OIDs of extensions */
	double		fdw_startup_cost;
	double		fdw_tuple_cost;
	bool		use_remote_size;
	bool		use_remote_estimate;
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
	char	   *type_name;		/* remote type as SQL text, NULL: the same name
								 * as here (set by IMPORT for user types) */
	bool		key;			/* part of the remote primary key */
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

/* All return structures allocated in the current memory context. */
extern NeonServerOptions *neon_server_options(ForeignServer *server);
extern NeonUserOptions *neon_user_options(UserMapping *user);
extern NeonTableOptions *neon_table_options(Oid relid);
extern NeonColumnOptions *neon_column_options(Oid relid, AttrNumber attnum);

/*
 * Of all columns at once: entry i is that of attribute i + 1.  A dropped
 * column has column_name NULL.
 */
extern NeonColumnOptions *neon_relation_column_options(Oid relid, int *natts);

/* Throws on names and values that do not exist. */
extern NeonImportOptions *neon_import_options(List *options);

/*
 * OIDs of the extensions in a comma-separated list; with warn, a WARNING for
 * each that is not installed here.
 */
extern List *neon_extension_list(const char *names, bool warn);

/*
 * The table itself.  Besides the getters only the validator needs it.
 */
typedef enum NeonOptionObject
{
	NEON_OPTION_SERVER,
	NEON_OPTION_USER_MAPPING,
	NEON_OPTION_TABLE,
	NEON_OPTION_COLUMN,
	NEON_OPTION_IMPORT,			/* IMPORT FOREIGN SCHEMA */
	NEON_OPTION_NOWHERE			/* the foreign-data wrapper has none */
} NeonOptionObject;

/* What a value must look like, and the type of the field that holds it. */
typedef enum NeonOptionKind
{
	NEON_OPTION_TEXT,			/* char *, not empty */
	NEON_OPTION_PRINTABLE,		/* char *, printable ASCII, not empty */
	NEON_OPTION_TOKEN,			/* char *, fit for an Authorization header */
	NEON_OPTION_BOOL,			/* bool */
	NEON_OPTION_OVERRIDE,		/* NeonOverride, written as a bool */
	NEON_OPTION_INTEGER,		/* int, from min to max */
	NEON_OPTION_COST,			/* double, not negative */
	NEON_OPTION_HOST,			/* char * */
	NEON_OPTION_URL,			/* char * */
	NEON_OPTION_PROXY,			/* char * */
	NEON_OPTION_SSLMODE,		/* NeonSslMode */
	NEON_OPTION_CONSISTENCY,	/* bool: strict */
	NEON_OPTION_TRANSACTIONS,	/* bool: autocommit */
	NEON_OPTION_RELATION,		/* char *, quoted where it must be */
	NEON_OPTION_SAMPLING,		/* NeonSampling */
	NEON_OPTION_EXTENSIONS,		/* List * of OIDs */
	NEON_OPTION_TYPE			/* char * */
} NeonOptionKind;

/*
 * Which values only superusers may set: those with which a server could be
 * made to send a password unprotected or to another place, or to act with
 * rights that the local user lacks.
 */
typedef enum NeonOptionRule
{
	NEON_OPTION_ANYBODY,
	NEON_OPTION_SUPERUSER,		/* any value */
	NEON_OPTION_SUPERUSER_FALSE,
	NEON_OPTION_SUPERUSER_UNVERIFIED,	/* an sslmode but verify-full */
	NEON_OPTION_SUPERUSER_PLAIN /* a URL with plain http */
} NeonOptionRule;

typedef struct NeonOption
{
	const char *name;
	NeonOptionObject object;
	NeonOptionKind kind;
	NeonOptionRule rule;
	size_t		offset;			/* in the structure of the object's options */
	const char *initial;		/* default as a value, NULL: none */
	const char *description;	/* one line, the README's */
	int			min;			/* of INTEGER */
	int			max;
} NeonOption;

extern const NeonOption neon_option_table[];	/* ends with name NULL */

extern const NeonOption *neon_option_find(NeonOptionObject object,
										  const char *name);

/* Throws unless the value is valid. */
extern void neon_option_check(const NeonOption *option, const char *value);

/* Throws for an option that this kind of object does not have. */
pg_noreturn extern void neon_option_unknown(NeonOptionObject object,
											const char *name);

#endif							/* NEON_OPTION_OPTION_H */
