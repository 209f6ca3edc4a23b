/*-------------------------------------------------------------------------
 *
 * option/option.h
 *		Options of servers, user mappings, tables and columns.
 *
 * The folder option/ knows what users have set, with the defaults filled in,
 * and what the remote calls tables, columns and types.  It calls compat/ and
 * PostgreSQL only.  It promises values that were checked for syntax, whoever
 * wrote them into the catalogs, and errors that name the option and show no
 * password.  It asks nothing of the remote.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_OPTION_OPTION_H
#define NEON_OPTION_OPTION_H

#include "foreign/foreign.h"

#include "option/definition.h"
#include "option/settings.h"

/*
 * These functions return structures that are allocated in the current memory
 * context.
 */
extern NeonServerOptions *neon_server_options(ForeignServer *server);
extern NeonUserOptions *neon_user_options(UserMapping *user);
extern NeonTableOptions *neon_table_options(Oid relid);
extern NeonColumnOptions *neon_column_options(Oid relid, AttrNumber attnum);

/*
 * The options of all columns at once: entry i is that of attribute i + 1.  A
 * dropped column has column_name NULL.
 */
extern NeonColumnOptions *neon_relation_column_options(Oid relid, int *natts);

/* Throws on names and values that do not exist. */
extern NeonImportOptions *neon_import_options(List *options);

/*
 * OIDs of the extensions in a comma-separated list; with warn, a WARNING for
 * each that is not installed here.
 */
extern List *neon_extension_list(const char *names, bool warn);

/* Throws unless the value is valid. */
extern void neon_option_check(const NeonOption *option, const char *value);

/*
 * The user mapping with which a plan asks a server: that of a view's owner if
 * the plan reads through one (userid), else (InvalidOid) that of whoever runs
 * it.
 */
extern UserMapping *neon_user_mapping(Oid userid, Oid serverid);

/* Its OID, InvalidOid if there is none. */
extern Oid	neon_user_mapping_oid(Oid userid, Oid serverid);

#endif							/* NEON_OPTION_OPTION_H */
