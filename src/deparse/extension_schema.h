/*-------------------------------------------------------------------------
 *
 * deparse/extension_schema.h
 *		Names of extensions' objects, as the remote has them.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_DEPARSE_EXTENSION_SCHEMA_H
#define NEON_DEPARSE_EXTENSION_SCHEMA_H

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

/*
 * If p, a place in printed text, is at the local schema's name before that of
 * a function, operator or type of an extension that has another schema on the
 * remote, appends that one instead and returns where the local name ends.
 * NULL otherwise.  schemas are the server's (NeonExtensionSchema).
 */
extern const char *neon_append_extension_schema(StringInfo text,
												const char *printed,
												const char *p, List *schemas);

#endif							/* NEON_DEPARSE_EXTENSION_SCHEMA_H */
