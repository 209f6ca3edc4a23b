/*-------------------------------------------------------------------------
 *
 * transaction/text_hash.h
 *		Hash tables whose keys are texts of any length.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_TEXT_HASH_H
#define NEON_TRANSACTION_TEXT_HASH_H

#include "utils/hsearch.h"

/*
 * Makes a table in context.  Each entry begins with its key, a char *; so a
 * lookup is given a pointer to a char *.  The table keeps the pointer: the
 * text must live as long as the entry.
 */
extern HTAB *neon_text_hash(const char *name, Size entry_size,
							MemoryContext context);

#endif							/* NEON_TRANSACTION_TEXT_HASH_H */
