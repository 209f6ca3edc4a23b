/*-------------------------------------------------------------------------
 *
 * json/request.h
 *		JSON text of a batch of statements.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_JSON_REQUEST_H
#define NEON_JSON_REQUEST_H

/* Can what a statement reads be computed again, to see if it is the same? */
typedef enum NeonReadKind
{
	NEON_READ_PRINTED,			/* yes, it is SQL of ours */
	NEON_READ_OF_USER,			/* perhaps: SQL of a user's own, which runs
								 * between neon_guard_enter() and _leave() */
	NEON_READ_INTERNAL			/* no user sees what it returns */
} NeonReadKind;

/* One statement of a batch.  All strings are in the server's encoding. */
typedef struct NeonQuery
{
	const char *sql;			/* one statement, parameters as $n */
	int			nparams;
	const char *const *params;	/* text form; NULL is SQL null */
	int			ncolumns;		/* columns its rows have, -1: any number */
	const char *shown;			/* in messages; NULL: sql, "": not at all */

	/*
	 * Two queries with the same text may be sent as one: the last parameter
	 * is a number of rows, the others are arrays of as many elements.
	 */
	bool		joinable;

	/*
	 * If this is not NULL, two queries for which it is the same text may be
	 * sent as turns of this block, see transaction/turns.h: each takes the
	 * parameters of one.
	 */
	const char *turns;

	NeonReadKind read;

	/*
	 * If this is not NULL, it is what must read the same later on: another
	 * statement, with the first nreads of the parameters.
	 */
	const char *reads;
	int			nreads;
	bool		alone;			/* no other read needs to fit to this one */
	bool		catalog;		/* asks what the remote knows of its tables */
	int64		nrows;			/* of a table, that the parameters hold */
} NeonQuery;

/* Copies all of it into the current memory context. */
extern void neon_query_copy(NeonQuery *copy, const NeonQuery *query);

/* A list of this one parameter, in the current memory context. */
extern const char **neon_one_param(const char *value);

/*
 * Body of the request that runs the queries as one batch:
 * {"queries":[{"query":"...","params":["...",null]},...]}, in UTF-8 and
 * NUL-terminated, allocated in the current memory context; its length
 * without the NUL goes to *len.  Throws when a string cannot be converted,
 * or when the body would not fit into one allocation (1 GB).
 */
extern char *neon_request_body(const NeonQuery *queries, int nqueries,
							   size_t *len);

/* The same for one query that is no batch: {"query":"...","params":[...]}. */
extern char *neon_request_single_body(const NeonQuery *query, size_t *len);

#endif							/* NEON_JSON_REQUEST_H */
