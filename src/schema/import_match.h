/*-------------------------------------------------------------------------
 *
 * schema/import_match.h
 *		Is a local type made the same as a remote one?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCHEMA_IMPORT_MATCH_H
#define NEON_SCHEMA_IMPORT_MATCH_H

#include "schema/import_read.h"

/*
 * May the existing local type stand for the remote one?  It must have the
 * same structure; counterparts of the types that it is made of must have been
 * looked up.  Warns if it is an enum with other labels.
 */
extern bool neon_type_matches(NeonTypeCatalog *catalog,
							  NeonCatalogType *type, Oid local);

/*
 * Is the type an enum whose local labels come in another order than the
 * remote ones, or made of such an enum?
 */
extern bool neon_type_is_unordered(NeonTypeCatalog *catalog, Oid remote);

/* The labels of a local enum, in their order. */
extern List *neon_enum_labels(Oid local);

/*
 * How many attributes the local composite type has, if they are the same as
 * the first ones of the list; else -1.
 */
extern int	neon_count_attributes(NeonTypeCatalog *catalog, Oid local,
								  List *attributes);

#endif							/* NEON_SCHEMA_IMPORT_MATCH_H */
