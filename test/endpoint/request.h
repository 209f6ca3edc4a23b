/*-------------------------------------------------------------------------
 *
 * request.h
 *		A request, from its headers to its reply, in any version of HTTP.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENDPOINT_REQUEST_H
#define ENDPOINT_REQUEST_H

#include <time.h>

#include "fault.h"
#include "http.h"
#include "jwt.h"
#include "payload.h"
#include "reply.h"

#define UUID_LEN 36

/* What the server of a version of HTTP knows about a request. */
typedef struct RequestSource
{
	const char *version;		/* "1.1" or "2" */
	unsigned long connection;
	const char *method;
	const char *path;
	Client		client;
	HeaderLookup lookup;
	void	   *lookup_arg;
} RequestSource;

typedef struct Request
{
	const HttpOptions *options;
	RequestSource source;
	char		id[UUID_LEN + 1];
	struct timespec start;
	Buffer		body;
	size_t		bytes_in;		/* also counts what is beyond the limit */
	bool		is_sql;			/* not a wrong path or method */
	Headers		headers;
	JwtClaims	claims;
	Payload		payload;
	bool		is_json;
	const Backend *released;	/* to be reset, maybe gone already */
	bool		backend_reused;
	Fault		fault;
	Outcome		outcome;
} Request;

/* The strings of the source must live as long as the request. */
extern Request *request_new(const HttpOptions *options,
							const RequestSource *source);

/*
 * Is the request answered by its headers alone?  Then its body is not read:
 * it is refused, or longer than allowed.  Call it once, before the body.
 */
extern bool request_is_early(Request *request);

/* A part of the body. */
extern void request_add_body(Request *request, const char *data, size_t len);

/* Does what is asked for, and leaves a reply. */
extern void request_run(Request *request, Reply *reply);

/* When the reply is out, or there will be none. */
extern void request_free(Request *request);

#endif							/* ENDPOINT_REQUEST_H */
