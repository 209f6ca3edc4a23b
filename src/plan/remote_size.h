/*-------------------------------------------------------------------------
 *
 * plan/remote_size.h
 *		Sizes of relations by the remote's catalog.
 *
 * Answers are kept until the end of the session, or until foreign table,
 * server or user mapping change.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_PLAN_REMOTE_SIZE_H
#define NEON_PLAN_REMOTE_SIZE_H

#include "foreign/foreign.h"
#include "nodes/pg_list.h"

/* The size of a relation with all its partitions and inheritance children. */
typedef struct NeonRemoteSize
{
	bool		known;			/* false of views, or if there is no such
								 * relation, or the remote did not answer */
	bool		sampleable;		/* TABLESAMPLE can be had */
	double		pages;
	double		tuples;			/* in the analyzed parts of it */
	double		unanalyzed;		/* pages of the parts never analyzed */
} NeonRemoteSize;

typedef struct NeonSizeRequest NeonSizeRequest;

/*
 * Asks, in one request, for all the foreign tables in a list of OIDs, keeps
 * the answers and returns them in that order.  With exact, the remote looks
 * at its files instead of its statistics alone (and waits for locks on the
 * tables).  A reply that has not begun after patience milliseconds (0: no
 * limit) is an error.  neon_size_ask() does all of that, the others only send
 * the request, and wait for the answers.
 */
extern NeonSizeRequest *neon_size_send(UserMapping *user, List *relids,
									   bool exact, int64 patience);
extern NeonRemoteSize *neon_size_receive(NeonSizeRequest *request);
extern NeonRemoteSize *neon_size_ask(UserMapping *user, List *relids,
									 bool exact, int64 patience);

/*
 * Notes that the remote could not be asked about these tables, so that it is
 * not tried again soon.
 */
extern void neon_size_give_up(UserMapping *user, List *relids);

/*
 * Sets *size to what was kept for a foreign table and a user mapping; false if
 * the remote must be asked.
 */
extern bool neon_size_find(Oid umid, Oid relid, NeonRemoteSize *size);

#endif							/* NEON_PLAN_REMOTE_SIZE_H */
