/*-------------------------------------------------------------------------
 *
 * ship/query.h
 *		May this whole query run on the remote?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SHIP_QUERY_H
#define NEON_SHIP_QUERY_H

#include "nodes/parsenodes.h"

#include "option/option.h"
#include "ship/expression.h"

/* A foreign table that a query reads. */
typedef struct NeonRemoteTable
{
	Oid			relid;
	NeonTableOptions *options;
	NeonRemoteColumns *columns;
} NeonRemoteTable;

/* A whole query that can run on one server as one user. */
typedef struct NeonRemoteQuery
{
	Oid			serverid;
	Oid			userid;			/* InvalidOid: the current user */
	NeonShipContext ship;
} NeonRemoteQuery;

/*
 * Judges a query as it comes from the rewriter, with everything below it.
 * Returns NULL if it reads no foreign table of ours, tables of more than one
 * server or user, or anything that must stay here.  Allocates in the current
 * memory context; the query is not changed.
 */
extern NeonRemoteQuery *neon_remote_query(Query *query);

/*
 * The same for a query that gives the rows for a statement that writes; whom
 * that concerns is known, by neon_remote_target(), which returns its table.
 */
extern bool neon_is_source_shippable(NeonRemoteQuery *remote, Query *source);
extern NeonRemoteTable *neon_remote_target(NeonRemoteQuery *remote,
										   Query *query, RangeTblEntry *rte);

/* True if the query, anywhere in it, reads a foreign table of ours. */
extern bool neon_reads_foreign_table(Query *query);

/* The table of that OID among those of the query; NULL if it is none. */
extern NeonRemoteTable *neon_find_table(NeonShipContext *ship, Oid relid);

/* For ship/expression.c: a query, or a column, within one that is being judged. */
extern bool neon_is_query_shippable(NeonShipContext *ship, Query *query);
extern bool neon_is_query_var_shippable(NeonShipContext *ship, Var *var);

#endif							/* NEON_SHIP_QUERY_H */
