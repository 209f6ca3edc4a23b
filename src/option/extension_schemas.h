/*-------------------------------------------------------------------------
 *
 * option/extension_schemas.h
 *		Extensions that have another schema on the remote than here.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_OPTION_EXTENSION_SCHEMAS_H
#define NEON_OPTION_EXTENSION_SCHEMAS_H

#include "nodes/pg_list.h"

typedef struct NeonExtensionSchema
{
	char	   *extension;
	char	   *schema;			/* on the remote */
} NeonExtensionSchema;

/*
 * From the value of option extension_schemas, "extension=schema, ...", to a
 * list of NeonExtensionSchema, and from such a list to the value.  The first
 * function throws on what is not such a value.
 */
extern List *neon_extension_schemas_parse(const char *option,
										  const char *value);
extern char *neon_extension_schemas_print(List *schemas);

#endif							/* NEON_OPTION_EXTENSION_SCHEMAS_H */
