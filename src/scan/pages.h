/*-------------------------------------------------------------------------
 *
 * scan/pages.h
 *		Tables that are read in ranges of pages.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCAN_PAGES_H
#define NEON_SCAN_PAGES_H

#include "foreign/foreign.h"

#include "transaction/transaction.h"

/*
 * A position in a table is a page number times this plus the row's offset on
 * the page.  The largest page, of 32 kB, has fewer rows than this.
 */
#define NEON_POSITIONS_PER_PAGE	2048

/* A position as text of a ctid. */
extern char *neon_tid_text(int64 position);

/*
 * The number of pages of a table (quoted and qualified); 0 if it has none that
 * ranges could be made of.
 */
extern int64 neon_count_pages(UserMapping *user, CommandId cid,
							  const char *table, NeonStats *stats);

/*
 * Warns that its ranges have different snapshots, where these are not checked.
 * limit is that of a reply.
 */
extern void neon_warn_of_pieces(UserMapping *user, const char *table,
								int64 limit);

#endif							/* NEON_SCAN_PAGES_H */
