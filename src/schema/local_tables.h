/*-------------------------------------------------------------------------
 *
 * schema/local_tables.h
 *		The foreign tables of a server that exist.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCHEMA_LOCAL_TABLES_H
#define NEON_SCHEMA_LOCAL_TABLES_H

#include "nodes/pg_list.h"

typedef struct NeonLocalTable
{
	Oid			relid;
	Oid			schema;
	char	   *remote_schema;
	char	   *remote_name;
	bool		seen;			/* the refresh has found the remote table */
} NeonLocalTable;

/* All foreign tables of the server, as a list of NeonLocalTable. */
extern List *neon_local_tables(Oid serverid);

#endif							/* NEON_SCHEMA_LOCAL_TABLES_H */
