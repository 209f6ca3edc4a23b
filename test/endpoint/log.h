/*-------------------------------------------------------------------------
 *
 * log.h
 *		The request log: one JSON object per line.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENDPOINT_LOG_H
#define ENDPOINT_LOG_H

#include "header.h"

typedef struct LogEntry
{
	const char *id;				/* the request's neon-request-id */
	const char *http;			/* its version */
	unsigned long connection;	/* number of the HTTP connection */
	const char *method;
	const char *path;
	int			status;			/* 0: no reply was sent */
	double		duration_ms;
	size_t		bytes_in;
	size_t		bytes_out;
	const Headers *headers;
	const char *subject;		/* of a valid token, NULL: none */
	bool		backend_reused; /* from the pool */
	bool		cancelled;
	const char *fault;			/* what was injected, NULL: nothing */
	const char *body;			/* as it came, never a credential */
	size_t		body_len;
	bool		body_is_json;
} LogEntry;

/* Ends the program if the file cannot be opened.  NULL: no log. */
extern void log_open(const char *path);

/*
 * Written before the reply is sent: who has the reply can count on the line.
 */
extern void log_request(const LogEntry *entry);

#endif							/* ENDPOINT_LOG_H */
