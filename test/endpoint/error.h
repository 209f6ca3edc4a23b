/*-------------------------------------------------------------------------
 *
 * error.h
 *		What a request came to, and the bodies of error replies.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENDPOINT_ERROR_H
#define ENDPOINT_ERROR_H

#include <libpq-fe.h>

#include "buffer.h"

typedef struct Outcome
{
	int			status;			/* HTTP status, 0 until known */
	Buffer		body;			/* JSON */
	bool		cancelled;		/* the client left while we worked */
} Outcome;

/*
 * The fields of a database error, in PostgreSQL's terms; NULL where absent.
 */
typedef struct DatabaseError
{
	const char *message;
	const char *code;
	const char *detail;
	const char *hint;
	const char *position;
	const char *internal_position;
	const char *internal_query;
	const char *severity;
	const char *where;
	const char *table;
	const char *column;
	const char *schema;
	const char *datatype;
	const char *constraint;
	const char *file;
	const char *line;
	const char *routine;
} DatabaseError;

/* An error that is not the database's own: code and severity are empty. */
extern void error_plain(Outcome *outcome, int status, const char *format,...)
			__attribute__((format(printf, 3, 4)));

extern void error_database(Outcome *outcome, int status,
						   const DatabaseError *error);

/*
 * The error of a failed statement: the database's own if there is one, else
 * the words for a connection that broke.
 */
extern void error_statement(Outcome *outcome, const PGresult *result,
							const PGconn *conn);

/* The client went away, the query was cancelled. */
extern void error_cancelled(Outcome *outcome);

#endif							/* ENDPOINT_ERROR_H */
