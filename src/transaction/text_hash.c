/*-------------------------------------------------------------------------
 *
 * transaction/text_hash.c
 *		Hash tables whose keys are texts of any length.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"

#include "transaction/text_hash.h"

static uint32
text_hash(const void *key, Size size)
{
	const char *text = *(char *const *) key;

	return hash_bytes((const unsigned char *) text, strlen(text));
}

static int
text_match(const void *a, const void *b, Size size)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

HTAB *
neon_text_hash(const char *name, Size entry_size, MemoryContext context)
{
	HASHCTL		control = {0};

	control.keysize = sizeof(char *);
	control.entrysize = entry_size;
	control.hash = text_hash;
	control.match = text_match;
	control.hcxt = context;
	return hash_create(name, 64, &control,
					   HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
}
