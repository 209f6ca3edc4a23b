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

/* A statement that writes to one table of the server all of it lives on. */
typedef struct NeonRemoteWrite
{
	NeonRemoteQuery remote;
	Query	   *query;			/* as the rewriter made it */
	Query	   *source;			/* the SELECT that gives its rows; see below */
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
 * Judges a statement; NULL if it must not run there as a whole.  source is a
 * copy of the query as a SELECT: for INSERT of the values in the order of the
 * target list; for UPDATE and DELETE with no target list yet.  Allocates in
 * the current memory context.
 */
extern NeonRemoteWrite *neon_remote_write(Query *query);

/*
 * Judges an INSERT that neon_remote_write() did not accept: may its rows be
 * made here and all the rest be done there, in one statement?  Only for those
 * that need the remote's answer as a whole: with RETURNING or ON CONFLICT.
 */
extern NeonRemoteWrite *neon_gathered_write(Query *query);

/*
 * Throws if the statement can run nowhere else, because PostgreSQL's planner
 * refuses it on foreign tables; query was not accepted by the above.
 */
extern void neon_refuse_write(Query *query);

#endif							/* NEON_SHIP_WRITE_H */
