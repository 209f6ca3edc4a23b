/*-------------------------------------------------------------------------
 *
 * payload.h
 *		The JSON body of a request: statements and their parameters.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENDPOINT_PAYLOAD_H
#define ENDPOINT_PAYLOAD_H

#include "error.h"

typedef struct Query
{
	const char *sql;
	int			nparams;
	const char **params;		/* text form, NULL is SQL null */
	bool		nul_in_sql;		/* C strings would end there */
	bool		nul_in_params;
	int			array_mode;		/* -1: as the header says */
} Query;

typedef struct Payload
{
	bool		batch;
	int			nqueries;
	Query	   *queries;

	/* what the strings above belong to */
	struct json_object *root;
	char	  **owned;
	size_t		nowned;
} Payload;

/*
 * False if the body is not a payload, the outcome then holds the reply.
 * *is_json tells whether it was JSON at all.  The payload must be zero on
 * entry and is to be freed in any case.
 */
extern bool payload_parse(Payload *payload, const char *body, size_t len,
						  bool *is_json, Outcome *outcome);
extern void payload_free(Payload *payload);

#endif							/* ENDPOINT_PAYLOAD_H */
