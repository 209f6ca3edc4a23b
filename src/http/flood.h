/*-------------------------------------------------------------------------
 *
 * http/flood.h
 *		Ends a call of libcurl that would not end by itself.
 *
 * Of HTTP/2, some versions of libcurl (7.88 is one) read until there is data
 * for the caller, or nothing to read.  Frames without data that come faster
 * than they are read, an endless row of empty DATA for one, keep them busy for
 * ever, with all signals blocked (http/multi.h).
 *
 * Nothing here throws.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_HTTP_FLOOD_H
#define NEON_HTTP_FLOOD_H

/*
 * Watches what comes over a connection, told by libcurl's TLS context.  Does
 * nothing with other TLS libraries than OpenSSL.
 */
extern void neon_flood_watch(void *ssl_ctx);

/* When calls that begin from now on are to end at the latest. */
extern void neon_flood_limit(int64 deadline);

/* A call of libcurl begins, and ends. */
extern void neon_flood_begin(void);
extern void neon_flood_end(void);

/*
 * Has the last call been cut short, because its time was up, or because the
 * statement is to be cancelled or the session to end?  The connection counts
 * as closed by its peer then.
 */
extern bool neon_flood_cut(void);

#endif							/* NEON_HTTP_FLOOD_H */
