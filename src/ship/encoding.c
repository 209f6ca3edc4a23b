/*-------------------------------------------------------------------------
 *
 * ship/encoding.c
 *		Does it matter in which encoding this database stores text?
 *
 * A conversion between encodings keeps the characters and changes the bytes,
 * so only functions that look at bytes can tell.  A database in SQL_ASCII
 * takes each byte for a character, while the remote counts characters of
 * UTF-8: there, only functions that do not look at characters are safe.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "nodes/nodeFuncs.h"
#include "utils/fmgroids.h"

#include "ship/encoding.h"

/* Functions that show, count or cut bytes of text. */
static bool
looks_at_bytes(Oid funcid)
{
	switch (funcid)
	{
		case F_OCTET_LENGTH_TEXT:
		case F_OCTET_LENGTH_BPCHAR:
		case F_BIT_LENGTH_TEXT:
		case F_MD5_TEXT:
		case F_ASCII:
		case F_CHR:
		case F_TO_ASCII_TEXT:
		case F_TO_ASCII_TEXT_INT4:
		case F_TO_ASCII_TEXT_NAME:
		case F_HASHTEXT:
		case F_HASHTEXTEXTENDED:
		case F_HASHBPCHAR:
		case F_HASHBPCHAREXTENDED:
		case F_HASHNAME:
		case F_HASHNAMEEXTENDED:
		case F_NAME_TEXT:
		case F_NAME_VARCHAR:
		case F_NAME_BPCHAR:
		case F_CHAR_TEXT:
			return true;
		default:
			return false;
	}
}

/* The most used functions on text that do not look at characters. */
static bool
needs_no_characters(Oid funcid)
{
	switch (funcid)
	{
		case F_TEXTEQ:
		case F_TEXTNE:
		case F_TEXT_LT:
		case F_TEXT_LE:
		case F_TEXT_GT:
		case F_TEXT_GE:
		case F_BPCHAREQ:
		case F_BPCHARNE:
		case F_BPCHARLT:
		case F_BPCHARLE:
		case F_BPCHARGT:
		case F_BPCHARGE:
		case F_NAMEEQ:
		case F_NAMENE:
		case F_NAMEEQTEXT:
		case F_NAMENETEXT:
		case F_TEXTEQNAME:
		case F_TEXTNENAME:
		case F_TEXTCAT:
		case F_STARTS_WITH:
		case F_REPLACE:
		case F_MD5_TEXT:
		case F_OCTET_LENGTH_TEXT:
		case F_JSON_OBJECT_FIELD:
		case F_JSON_OBJECT_FIELD_TEXT:
		case F_JSONB_OBJECT_FIELD:
		case F_JSONB_OBJECT_FIELD_TEXT:
		case F_JSONB_EXISTS:
		case F_COUNT_ANY:
		case F_MIN_TEXT:
		case F_MAX_TEXT:
		case F_STRING_AGG_TEXT_TEXT:
			return true;
		default:
			return false;
	}
}

bool
neon_encoding_matters(Oid funcid, Node *node)
{
	switch (GetDatabaseEncoding())
	{
		case PG_UTF8:
			return false;
		case PG_SQL_ASCII:
			/* every function that takes text has a collation */
			return OidIsValid(exprInputCollation(node)) &&
				!needs_no_characters(funcid);
		default:
			return looks_at_bytes(funcid);
	}
}

bool
neon_encoding_matters_for_cast(Oid to)
{
	if (GetDatabaseEncoding() == PG_UTF8 ||
		GetDatabaseEncoding() == PG_SQL_ASCII)
		return false;
	return to == BYTEAOID || to == NAMEOID || to == CHAROID;
}
