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

#include "ship/source.h"

/*
 * Judges a query as it comes from the rewriter, with everything below it.
 * Returns NULL if the query reads no foreign table of ours, tables of more
 * than one server or user, or anything that must stay here.  Allocates in the
 * current memory context; the query is not changed.
 */
extern NeonRemoteQuery *neon_remote_query(Query *query);

/*
 * For a statement that writes: neon_remote_target() makes the server and the
 * user of the written table, rte of query, those of remote, and returns that
 * table.  neon_is_source_shippable() then judges the SELECT that gives the
 * rows.
 */
extern NeonQueryTable *neon_remote_target(NeonRemoteQuery *remote,
										  Query *query, RangeTblEntry *rte);
extern bool neon_is_source_shippable(NeonRemoteQuery *remote, Query *source);

#endif							/* NEON_SHIP_QUERY_H */
