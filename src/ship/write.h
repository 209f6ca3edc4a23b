/*-------------------------------------------------------------------------
 *
 * ship/write.h
 *		May this whole INSERT, UPDATE or DELETE run on the remote?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SHIP_WRITE_H
#define NEON_SHIP_WRITE_H

#include "ship/query.h"

/* A statement that writes to one table, and lives on the table's server. */
typedef struct NeonRemoteWrite
{
	NeonRemoteQuery remote;
	Query	   *query;			/* as the rewriter made it */
	Query	   *source;			/* its rows, as neon_remote_write() makes it */
	NeonQueryTable *target;

	/*
	 * One row of values, or a change of the target's own rows that refers to
	 * nothing else: needs no SELECT.
	 */
	bool		simple;

	List	   *rows;			/* see neon_default_rows() */

	/* An INSERT whose rows are made here, by source as any other query. */
	bool		gathered;
} NeonRemoteWrite;

/*
 * Judges a statement; returns NULL if it must not run remotely as a whole.
 * source is made of the query: a SELECT of the values of an INSERT, in the
 * order of its target list; or one from all tables of an UPDATE or DELETE,
 * with no target list yet.  Allocates in the current memory context.
 */
extern NeonRemoteWrite *neon_remote_write(Query *query);

/*
 * Judges an INSERT that neon_remote_write() did not accept: may its rows be
 * computed here and then be inserted by one statement?  Returns NULL if not,
 * and if the INSERT has neither RETURNING nor ON CONFLICT: rows of such a
 * statement are gathered in less memory row by row.
 */
extern NeonRemoteWrite *neon_gathered_write(Query *query);

/*
 * Throws if PostgreSQL's planner would refuse the statement on a foreign table
 * of ours; both functions above have not accepted it.
 */
extern void neon_refuse_write(Query *query);

#endif							/* NEON_SHIP_WRITE_H */
