/*-------------------------------------------------------------------------
 *
 * scan/pieces.h
 *		The rows of one statement, in one reply or, if that would be too
 *		large, in several.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCAN_PIECES_H
#define NEON_SCAN_PIECES_H

#include "foreign/foreign.h"

#include "transaction/transaction.h"

typedef struct NeonPieces NeonPieces;

/*
 * Sends a statement.  If table (quoted and qualified) is not NULL, then the
 * statement reads that table alone, row by row in any order, and ends where
 * another condition can be appended (has_where: to a WHERE clause).  Then a
 * reply over the endpoint's limit makes it read the table in ranges of ctid,
 * the next one in flight while one is read.  That gives up the single
 * snapshot, so it warns, once per statement, or fails if the server's option
 * consistent_reads says so.
 *
 * It sees what commands before cid have written in this transaction; if that
 * is anything, it is not divided.
 *
 * Belongs to the current memory context.  query, its parameters, table and
 * stats must live as long.
 */
extern NeonPieces *neon_pieces_open(UserMapping *user, CommandId cid,
									const NeonQuery *query,
									const char *table, bool has_where,
									NeonStats *stats);

/* As neon_remote_next_row(). */
extern const NeonRow *neon_pieces_next_row(NeonPieces *pieces);

/* Ends transfers that are still going on, and frees it. */
extern void neon_pieces_close(NeonPieces *pieces);

#endif							/* NEON_SCAN_PIECES_H */
