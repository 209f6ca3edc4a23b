/*-------------------------------------------------------------------------
 *
 * bind_join/batch_size.c
 *		How many keys a bind join asks for at once.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "bind_join/batch_size.h"

int
neon_bind_batch_size(int limit, double bytes_per_key, double reply_bytes)
{
	return Max((int) Min(limit, reply_bytes / Max(bytes_per_key, 1.0)), 1);
}
