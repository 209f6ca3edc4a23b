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
 * Keys in the first batch, the factor by which each later batch is larger, and
 * the largest batch.  The first batch is small, so that not many rows are
 * asked for in vain if there is a LIMIT.  The largest makes a request of about
 * half a megabyte, far below the 10 MiB that any endpoint takes, and its keys
 * fit into the smallest usual work_mem.
 */
#define NEON_BIND_FIRST_BATCH	1000
#define NEON_BIND_GROWTH		4
#define NEON_BIND_LAST_BATCH	32000

/*
 * The size in bytes that the reply to one batch should not exceed by much.
 * The endpoint limits replies, at least to 10 MiB.
 */
#define NEON_BIND_REPLY_BYTES	(4 * 1024 * 1024)

/* The number of keys, up to limit, whose reply has at most reply_bytes. */
extern int	neon_bind_batch_size(int limit, double bytes_per_key,
								 double reply_bytes);

#endif							/* NEON_BIND_JOIN_BATCH_SIZE_H */
