/*-------------------------------------------------------------------------
 *
 * schema/import.h
 *		IMPORT FOREIGN SCHEMA.
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
 * for; creates the types that they need.  Sends one request.
 */
extern List *neonImportForeignSchema(ImportForeignSchemaStmt *stmt,
									 Oid serverOid);

/* A column as it is to be here. */
typedef struct NeonImportedColumn
{
	NeonRemoteColumn *remote;
	Oid			type;			/* local; the modifier is the remote's */
	Oid			collation;
	char	   *type_sql;
	const char *collate_sql;	/* COLLATE clause with a leading space, or "" */
	char	   *type_name;		/* value of the option, NULL: none */
	char	   *definition;		/* as CREATE FOREIGN TABLE has it */
	bool		generated;
	bool		notnull;
} NeonImportedColumn;

typedef struct NeonImportedTable
{
	NeonRemoteTable *remote;
	List	   *columns;		/* NeonImportedColumn */
	char	   *command;		/* CREATE FOREIGN TABLE; NULL if it cannot be
								 * had here, which a warning explained */
} NeonImportedTable;

/*
 * All tables that the statement asks for, as they are to be here; creates the
 * types that they need.  Sends one request.
 */
extern List *neon_import_tables(ImportForeignSchemaStmt *stmt, Oid serverid);

#endif							/* NEON_SCHEMA_IMPORT_H */
