/*-------------------------------------------------------------------------
 *
 * scan/spill.h
 *		Results that are kept in a table of the remote until they are read.
 *
 * The endpoint has no cursors, and refuses a reply over its limit.  A result
 * that is larger is spilled: one request runs the statement into an unlogged
 * table, which is then read in pieces.  All of the result is of one snapshot.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCAN_SPILL_H
#define NEON_SCAN_SPILL_H

#include "transaction/transaction.h"

typedef struct NeonSpill
{
	const char *table;			/* quoted and qualified */
	const char *sql;			/* statement that reads it, without WHERE */
	int64		pages;			/* of the table, at least 1 */
	int64		rows;
	NeonConnection *connection; /* held */
	MemoryContext context;		/* of all this */
} NeonSpill;

/*
 * Can results be spilled on behalf of the user, for what reads as of command
 * cid?  The server's option spill_schema says so.  A statement that sees
 * writes which wait for the commit cannot be spilled: what it saw would have
 * to be committed.
 */
extern bool neon_spill_possible(UserMapping *user, CommandId cid);

/*
 * Runs the statement as of command cid, and keeps its rows in a table, in their
 * order.  Returns NULL if the user wrote the statement for the remote, and it
 * is no query or has other columns than it was said to have.
 *
 * What is not dropped by neon_spill_drop() is dropped at the end of the local
 * transaction, if the remote can be reached then.
 */
extern NeonSpill *neon_spill_create(UserMapping *user, CommandId cid,
									const NeonQuery *query, NeonStats *stats);

/* Throws unless this is the number of rows that were read from the table. */
extern void neon_spill_check(const NeonSpill *spill, int64 rows);

/* Drops the table and frees the spill. */
extern void neon_spill_drop(NeonSpill *spill, NeonStats *stats);

/*
 * Drops tables of that kind that were made longer ago than age, an interval as
 * text.  Returns their number.  The server must have a spill_schema.
 */
extern int64 neon_spill_prune(UserMapping *user, const char *age,
							  NeonStats *stats);

#endif							/* NEON_SCAN_SPILL_H */
