/*-------------------------------------------------------------------------
 *
 * ship/collation.c
 *		Where does the collation of an expression come from?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "nodes/nodeFuncs.h"

#include "compat/compat.h"
#include "ship/collation.h"

void
neon_collation_merge(CollateInfo *into, CollateInfo from)
{
	if (from.state > into->state)
		*into = from;
	else if (from.state == into->state && from.state == COLLATE_SAFE &&
			 from.collation != into->collation)
	{
		/* Any other collation beats the default; two others conflict. */
		if (into->collation == DEFAULT_COLLATION_OID)
			into->collation = from.collation;
		else if (from.collation != DEFAULT_COLLATION_OID)
			into->state = COLLATE_UNSAFE;
	}
}

bool
neon_collation_is_portable(Oid collation)
{
	return collation == C_COLLATION_OID || collation == POSIX_COLLATION_OID;
}

CollateInfo
neon_collation_local(Oid collation)
{
	CollateInfo result = {COLLATE_NONE, InvalidOid};

	if (OidIsValid(collation) && collation != DEFAULT_COLLATION_OID)
	{
		result.state = neon_collation_is_portable(collation) ?
			COLLATE_SAFE : COLLATE_UNSAFE;
		result.collation = collation;
	}
	return result;
}

CollateInfo
neon_collation_result(CollateInfo args, Oid collation)
{
	CollateInfo result = {COLLATE_NONE, InvalidOid};

	if (!OidIsValid(collation))
		return result;
	result.collation = collation;
	if (args.state == COLLATE_SAFE && args.collation == collation)
		result.state = COLLATE_SAFE;
	else if (collation != DEFAULT_COLLATION_OID)
		result.state = COLLATE_UNSAFE;
	return result;
}

bool
neon_relabels_collation(Node *node)
{
	RelabelType *relabel = (RelabelType *) node;
	Oid			collation;

	if (!IsA(node, RelabelType))
		return false;
	collation = exprCollation((Node *) relabel->arg);
	return OidIsValid(relabel->resultcollid) && OidIsValid(collation) &&
		relabel->resultcollid != collation;
}
