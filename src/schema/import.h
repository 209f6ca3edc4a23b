/*-------------------------------------------------------------------------
 *
 * schema/import.h
 *		IMPORT FOREIGN SCHEMA.
 *
 * The folder schema/ makes local objects of what the remote's catalog says:
 * IMPORT FOREIGN SCHEMA, neon_http_attach() and neon_http_detach(), and
 * ANALYZE, which makes local statistics of remote rows.  It may call every
 * folder below, functions/ included.  Nothing stands above it but PostgreSQL:
 * it promises that nothing the remote says can act in the local database.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCHEMA_IMPORT_H
#define NEON_SCHEMA_IMPORT_H

#include "foreign/fdwapi.h"

#include "schema/import_read.h"

/*
 * The CREATE FOREIGN TABLE commands for the tables that the statement asks
 * for.  Creates the types that these need.  Sends one request.
 */
extern List *neonImportForeignSchema(ImportForeignSchemaStmt *stmt,
									 Oid serverOid);

/* A remote column as it is to be in the local database. */
typedef struct NeonImportedColumn
{
	NeonRemoteColumn *remote;
	Oid			type;			/* local; the modifier is the remote's */
	Oid			collation;
	char	   *type_sql;
	const char *collate_sql;	/* COLLATE clause with a leading space, or "" */
	char	   *type_name;		/* value of the option, NULL: none */
	char	   *definition;		/* as CREATE FOREIGN TABLE has it */
	bool		unordered;		/* value of option same_order: false */
	bool		generated;
	bool		notnull;
} NeonImportedColumn;

typedef struct NeonImportedTable
{
	NeonRemoteTable *remote;
	List	   *columns;		/* NeonImportedColumn */
	char	   *command;		/* CREATE FOREIGN TABLE; NULL after a warning
								 * if the table cannot be imported */
} NeonImportedTable;

/*
 * All tables that the statement asks for, as they are to be in the local
 * database.  Creates the types that these need; a refresh also adds to types
 * that exist what is new on the remote.  Sends one request.
 */
extern List *neon_import_tables(ImportForeignSchemaStmt *stmt, Oid serverid,
								bool refresh);

#endif							/* NEON_SCHEMA_IMPORT_H */
