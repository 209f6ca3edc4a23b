/*-------------------------------------------------------------------------
 *
 * schema/import_type.h
 *		Local counterparts of the remote types that an import meets.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCHEMA_IMPORT_TYPE_H
#define NEON_SCHEMA_IMPORT_TYPE_H

#include "option/option.h"
#include "schema/import_read.h"

typedef struct NeonImportTypes
{
	NeonTypeCatalog *catalog;	/* what the remote says about its types */
	NeonImportOptions *options;
	const char *schema;			/* local one, into which is imported */
	Oid			schema_oid;
	List	   *tables;			/* names that tables will take there */
	bool		refresh;		/* alter types that exist */
} NeonImportTypes;

/*
 * Why there is no local counterpart of this type and collation, and none can
 * be created.  NULL if there is one or one can be created.  Changes nothing;
 * may warn about a type that exists.  A
 * refresh does add to such a type what is new on the remote.
 */
extern const NeonProblem *neon_import_problem(NeonImportTypes *import,
											  const NeonTyping *typing);

/*
 * Creates the local counterpart of a type that has no problem, unless it
 * exists, and returns its name as SQL with the modifiers.
 */
extern char *neon_import_make_type(NeonImportTypes *import,
								   const NeonTyping *typing);

/* The COLLATE clause with a leading space, or "". */
extern char *neon_import_collate(NeonImportTypes *import,
								 const NeonTyping *typing);

#endif							/* NEON_SCHEMA_IMPORT_TYPE_H */
