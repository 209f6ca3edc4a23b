/*-------------------------------------------------------------------------
 *
 * collation.c
 *		Where does the collation of an expression come from?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "nodes/nodeFuncs.h"
#include "utils/fmgroids.h"

#include "collation.h"

void
neon_collation_merge(CollateInfo *into, CollateInfo from)
{
	if (from.state > into->state)
		*into = from;
	else if (from.state == into->state && from.state == COLLATE_SAFE &&
			 from.collation != into->collation)
	{
		/* Any other collation beats the default; two of them conflict. */
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
		result.state = COLLATE_UNSAFE;
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

/*
 * Functions on text whose result is the same under every deterministic
 * collation.  They are named because the default collation may be another
 * one there, which would else keep j ->> 'key' = 'value' here.
 */
static bool
is_collation_insensitive(Oid funcid, void *context)
{
	switch (funcid)
	{
		case F_TEXTEQ:
		case F_TEXTNE:
		case F_BPCHAREQ:
		case F_BPCHARNE:
		case F_TEXTLIKE:
		case F_TEXTNLIKE:
		case F_BPCHARLIKE:
		case F_BPCHARNLIKE:
		case F_TEXTCAT:
		case F_STARTS_WITH:
		case F_STRPOS:
		case F_POSITION_TEXT_TEXT:
		case F_REPLACE:
		case F_SPLIT_PART:
		case F_LENGTH_TEXT:
		case F_LENGTH_BPCHAR:
		case F_CHAR_LENGTH_TEXT:
		case F_OCTET_LENGTH_TEXT:
		case F_MD5_TEXT:
		case F_LEFT:
		case F_RIGHT:
		case F_REVERSE:
		case F_SUBSTR_TEXT_INT4:
		case F_SUBSTR_TEXT_INT4_INT4:
		case F_SUBSTRING_TEXT_INT4:
		case F_SUBSTRING_TEXT_INT4_INT4:
		case F_BTRIM_TEXT:
		case F_BTRIM_TEXT_TEXT:
		case F_LTRIM_TEXT:
		case F_LTRIM_TEXT_TEXT:
		case F_RTRIM_TEXT:
		case F_RTRIM_TEXT_TEXT:
			return true;
		default:
			return false;
	}
}

bool
neon_collation_is_irrelevant(Node *node)
{
	return check_functions_in_node(node, is_collation_insensitive, NULL);
}
