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

#include "scan/division.h"
#include "transaction/transaction.h"

/*
 * Sends a statement, which sees what commands before cid have written in this
 * transaction.
 *
 * If division->table is not NULL, the statement, without its ORDER BY, must
 * return the rows of this table, and end where another condition can be
 * appended: to its WHERE clause if has_where, else as a WHERE clause.  If the
 * reply exceeds the endpoint's limit, the table is then read in ranges of
 * ctid, where the next ones (fetch_ahead of them) are in flight while one is
 * read.  The ranges have different snapshots.  So a WARNING is shown, once per
 * statement; or it is an error if the server's option consistent_reads says so.
 * A table with rows that this transaction has written is never divided.  The
 * rows of ranges come in no order: see neon_pieces_in_order().
 *
 * What cannot be read in ranges is spilled (see scan/spill.h), if the server's
 * options and the transaction allow that; what is sorted is, rather than read
 * in ranges.
 *
 * A statement whose last reply was too large, or whose result is expected to
 * have far too many bytes (0: unknown), is not sent as it is, but divided or
 * spilled when the first row is wanted.
 *
 * Belongs to the current memory context.  query, its parameters, what division
 * names and stats must live as long.
 */
extern NeonPieces *neon_pieces_open(UserMapping *user, CommandId cid,
									const NeonQuery *query,
									const NeonDivision *division,
									double expected, NeonStats *stats);

/*
 * The same for a query whose reply has exceeded the limit, in a request of
 * another kind: its result is spilled.  query->ncolumns must be a number.  NULL
 * if it cannot be spilled.
 */
extern NeonPieces *neon_pieces_spilled(UserMapping *user, CommandId cid,
									   const NeonQuery *query,
									   NeonStats *stats);

/* As neon_remote_ready(). */
extern bool neon_pieces_ready(NeonPieces *pieces, int64 *deadline);

/*
 * Waits for the first reply.  False if the rows of a sorted statement come
 * without their order, since its reply is too large.
 */
extern bool neon_pieces_in_order(NeonPieces *pieces);

/* As neon_remote_fields(). */
extern const char *neon_pieces_fields(NeonPieces *pieces);

/* As neon_remote_next_row(). */
extern const NeonRow *neon_pieces_next_row(NeonPieces *pieces);

/* Ends transfers that are still going on, and frees everything. */
extern void neon_pieces_close(NeonPieces *pieces);

#endif							/* NEON_SCAN_PIECES_H */
