/*-------------------------------------------------------------------------
 *
 * schema/import_default.h
 *		Which defaults of the remote may become defaults here.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCHEMA_IMPORT_DEFAULT_H
#define NEON_SCHEMA_IMPORT_DEFAULT_H

/*
 * Is the text, which another server says is the default of a column, an
 * expression that can do nothing but compute a value for a column of this
 * local type?  Evaluates nothing.
 */
extern bool neon_default_is_harmless(const char *expression, Oid type,
									 int32 typmod);

#endif							/* NEON_SCHEMA_IMPORT_DEFAULT_H */
