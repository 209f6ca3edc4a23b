/*-------------------------------------------------------------------------
 *
 * import.h
 *		IMPORT FOREIGN SCHEMA.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_IMPORT_H
#define NEON_IMPORT_H

#include "foreign/fdwapi.h"

/*
 * The CREATE FOREIGN TABLE commands for the tables that the statement asks
 * for; creates the types that they need.  Sends one request.
 */
extern List *neonImportForeignSchema(ImportForeignSchemaStmt *stmt,
									 Oid serverOid);

#endif							/* NEON_IMPORT_H */
