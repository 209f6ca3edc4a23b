/*-------------------------------------------------------------------------
 *
 * schema/import_extension.h
 *		The server learns in which schemas the remote has its extensions.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCHEMA_IMPORT_EXTENSION_H
#define NEON_SCHEMA_IMPORT_EXTENSION_H

#include "nodes/pg_list.h"

/*
 * Sets the server's option extension_schemas to those extensions of the list
 * (NeonExtensionSchema) that are installed here in another schema.  Warns if
 * the current user may not do that.
 */
extern void neon_import_extension_schemas(Oid serverid, List *extensions);

#endif							/* NEON_SCHEMA_IMPORT_EXTENSION_H */
