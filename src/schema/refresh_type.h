/*-------------------------------------------------------------------------
 *
 * schema/refresh_type.h
 *		Types that were imported are brought up to date with the remote ones.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCHEMA_REFRESH_TYPE_H
#define NEON_SCHEMA_REFRESH_TYPE_H

#include "schema/import_read.h"

/*
 * Gives the local enum the labels that the remote one has besides, in their
 * places.  Does nothing if the local labels are not among the remote ones in
 * the same order, or if the current user may not alter the type.
 */
extern void neon_refresh_enum(Oid local, const NeonCatalogType *type);

/*
 * Gives the local composite type an attribute that the remote one has
 * besides, and that comes last so far.  definition is the attribute's type as
 * SQL, with its collation.
 */
extern void neon_refresh_attribute(Oid local, const char *name,
								   const char *definition);

#endif							/* NEON_SCHEMA_REFRESH_TYPE_H */
