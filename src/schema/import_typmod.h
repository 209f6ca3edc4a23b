/*-------------------------------------------------------------------------
 *
 * schema/import_typmod.h
 *		Can a built-in type have this modifier?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCHEMA_IMPORT_TYPMOD_H
#define NEON_SCHEMA_IMPORT_TYPMOD_H

/*
 * Functions that print modifiers trust that they were made by PostgreSQL.  One
 * that another server sends is checked first.  Types that are not built-in
 * have rules of their own: every modifier passes.
 */
extern bool neon_typmod_is_valid(Oid type, int32 typmod);

#endif							/* NEON_SCHEMA_IMPORT_TYPMOD_H */
