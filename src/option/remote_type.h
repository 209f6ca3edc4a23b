/*-------------------------------------------------------------------------
 *
 * option/remote_type.h
 *		What the remote knows of a type.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_OPTION_REMOTE_TYPE_H
#define NEON_OPTION_REMOTE_TYPE_H

#include "nodes/pg_list.h"
#include "nodes/primnodes.h"

/* A user type of which the remote name is known (column option type_name). */
typedef struct NeonRemoteType
{
	Oid			local;
	const char *name;			/* SQL text, as the remote would print it;
								 * NULL: columns differ on it */
	bool		unordered;		/* an enum, or made of one, whose labels are
								 * in another order on the remote */
} NeonRemoteType;

/*
 * Does the function depend on an order that is another one on the remote?
 * types are the NeonRemoteType of the tables in question.
 */
extern bool neon_remote_order_differs(List *types, Oid function);

/* Objects with hand-assigned OIDs are the same on every server. */
extern bool neon_is_builtin(Oid objid);

/*
 * Can a column of a result have this type?  Rows come back as text, of which
 * no record can be made.
 */
extern bool neon_type_is_readable(Oid type);

/* Do values name objects of a database by their text forms (regclass ...)? */
extern bool neon_type_is_local_reference(Oid type);

/*
 * The name that the remote knows a type by, for a cast; NULL if the remote
 * does not know it, or if its text form does not mean the same there.
 * extensions are the OIDs of those known on both sides, types the
 * NeonRemoteType of the tables in question.
 */
extern const char *neon_remote_type_name(List *extensions, List *types,
										 Oid type);

/*
 * True unless a local type stands for different ones in two lists of
 * NeonRemoteType.  Only such lists may be put together.
 */
extern bool neon_remote_types_agree(List *a, List *b);

/*
 * May values of the type travel?  Those that name objects of one database
 * (regclass ...) may not, save for constants that name the same on both sides
 * (neon_remote_reference_same).
 */
extern bool neon_remote_type_known(List *extensions, List *types, Oid type);

/*
 * Is the name the same on both sides?  Only then may ruleutils print it: it
 * knows the local name alone.
 */
extern bool neon_remote_type_same(List *extensions, Oid type);

/* True for a constant such as 'english'::regconfig. */
extern bool neon_remote_reference_same(Const *value);

#endif							/* NEON_OPTION_REMOTE_TYPE_H */
