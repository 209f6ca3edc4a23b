/*-------------------------------------------------------------------------
 *
 * bind_join/batch_size.h
 *		How many keys a bind join asks for at once.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_BIND_JOIN_BATCH_SIZE_H
#define NEON_BIND_JOIN_BATCH_SIZE_H

/*
 * Keys in the first batch, how much larger each next one is, and where that
 * ends.  The first is small enough not to ask for much that a LIMIT would
 * not want.  The last makes a request of about half a megabyte, far from the
 * 10 MiB that the endpoint takes at least, and the keys of one batch fit
 * into the smallest usual work_mem.
 */
#define NEON_BIND_FIRST_BATCH	1000
#define NEON_BIND_GROWTH		4
#define NEON_BIND_LAST_BATCH	32000

/*
 * Bytes that the reply to one batch should not exceed by much: replies are
 * limited, by 10 MiB at least.
 */
#define NEON_BIND_REPLY_BYTES	(4 * 1024 * 1024)

/* As many keys, up to limit, as make a reply of so many bytes. */
extern int	neon_bind_batch_size(int limit, double bytes_per_key,
								 double reply_bytes);

#endif							/* NEON_BIND_JOIN_BATCH_SIZE_H */
