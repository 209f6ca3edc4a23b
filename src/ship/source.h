/*-------------------------------------------------------------------------
 *
 * ship/source.h
 *		Which tables does a query read: foreign tables of one server only?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SHIP_SOURCE_H
#define NEON_SHIP_SOURCE_H

#include "ship/ship.h"

/* A whole query that can run on one server as one user. */
typedef struct NeonRemoteQuery
{
	Oid			serverid;		/* InvalidOid: not known yet */
	Oid			userid;			/* InvalidOid: the current user */
	NeonShipContext ship;
} NeonRemoteQuery;

/* True if the query, anywhere in it, reads a foreign table of ours. */
extern bool neon_reads_foreign_table(Query *query);

/*
 * True if the query (or an expression, with the queries in it) reads nothing but foreign tables of one server, as one
 * user.  If remote has no server yet, the query's first table decides which
 * one that is.  Adds the tables to those of remote->ship.
 */
extern bool neon_reads_one_server(NeonRemoteQuery *remote, Node *query);

#endif							/* NEON_SHIP_SOURCE_H */
