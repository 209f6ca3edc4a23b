/*-------------------------------------------------------------------------
 *
 * ship/ship.h
 *		What an expression or a query is judged by.
 *
 * The folder ship/ decides what may run on the remote, and which parts of
 * that are values of the local session, to be sent as parameters.  It may
 * call option/ and compat/, and reads the catalogs; it sends and prints
 * nothing and does not change what it is given.  It promises: whatever it
 * accepts has the same result on the remote, under the settings of the guard,
 * as it has here; and deparse/ can print it.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SHIP_SHIP_H
#define NEON_SHIP_SHIP_H

#include "nodes/parsenodes.h"
#include "nodes/pathnodes.h"

#include "option/option.h"
#include "option/remote_columns.h"

/* A foreign table that a query reads or writes. */
typedef struct NeonQueryTable
{
	Oid			relid;
	NeonTableOptions *options;
	NeonRemoteColumns *columns;
} NeonQueryTable;

/*
 * The relations and the server that expressions are judged for.  Planner code
 * fills a context in for the relations of one server and judges expressions
 * over their columns; ship/query.c fills one in for a whole query.
 */
typedef struct NeonShipContext
{
	List	   *extensions;		/* OIDs of extensions known on both sides */
	List	   *extension_schemas;	/* NeonExtensionSchema: where the remote
									 * has those that are elsewhere here */
	Relids		relids;			/* the relations whose columns are remote */
	int			ncolumns;		/* length of columns */
	NeonRemoteColumns **columns;	/* by range table index, NULL elsewhere */
	Index		excluded;		/* the member of relids that is EXCLUDED of ON
								 * CONFLICT, 0 if there is none */
	List	   *types;			/* NeonRemoteType of all these relations */
	bool		aggregates;		/* expressions may contain aggregates */
	bool		writes;			/* the query belongs to a statement that
								 * writes */
	bool		once;			/* expressions are computed at most once, so
								 * that volatile values may be computed here */

	/*
	 * While a whole query is judged or printed, every column belongs to the
	 * remote, and relids and columns are not used.  queries is the stack of
	 * the queries around the current expression, innermost first; it is empty
	 * while a single expression is judged.
	 */
	List	   *queries;
	List	   *tables;			/* NeonQueryTable of each foreign table */

	/* Judges a query inside an expression; set with the first of queries. */
	bool		(*is_query_shippable) (struct NeonShipContext *ship,
									   Query *query);
} NeonShipContext;

/* The table of that OID among the query's tables, NULL if there is none. */
extern NeonQueryTable *neon_find_table(NeonShipContext *ship, Oid relid);

/*
 * Adds a table to the query's tables, if it is not among them.  Returns false,
 * without adding it, if the table gives a type another remote name than the
 * other tables do.
 */
extern bool neon_add_table(NeonShipContext *ship, Oid relid);

#endif							/* NEON_SHIP_SHIP_H */
