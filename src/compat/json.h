/*-------------------------------------------------------------------------
 *
 * compat/json.h
 *		json-c, with the one name that PostgreSQL also uses out of the way.
 *
 * json-c has a type json_object, PostgreSQL's fmgrprotos.h a function of that
 * name.  Functions of json-c keep their names.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_COMPAT_JSON_H
#define NEON_COMPAT_JSON_H

#define json_object jsonc_object
#include <json-c/json.h>
#undef json_object

typedef struct jsonc_object NeonJson;

#endif							/* NEON_COMPAT_JSON_H */
