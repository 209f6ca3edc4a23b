/*-------------------------------------------------------------------------
 *
 * fault.h
 *		Faults on demand, so that tests see what real networks do.
 *
 * The control file holds one JSON object and is looked at for each request:
 *
 *	{"count": 2, "status": 503, "body": "<html>...", "headers": {...}}
 *	{"count": 1, "status": 500, "json": {...}}
 *	{"count": 1, "refuse": "ip"}		before anything runs, see refusal.c
 *	{"count": 1, "drop": "before"}		close without executing
 *	{"count": 1, "drop": "after"}		execute, close without a reply
 *	{"count": 1, "truncate": 100}		cut after so many bytes of the body
 *	{"count": 1, "delay_body_ms": 500, "after_bytes": 100}
 *	{"count": 1000000, "percent": 5, "drop": "after"}
 *	{"skip": 2, "drop": "after"}		not the next two requests
 *
 * What closes a connection of HTTP/1.1 does the same to one of HTTP/2, with
 * all its streams, but a body that is cut ends with a reset of its stream.
 *
 * count (default 1) is counted down here; writing the file anew arms it
 * again, removing it disarms.  With percent, about that share of the requests
 * is hit, at random, and only these count.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENDPOINT_FAULT_H
#define ENDPOINT_FAULT_H

#include "buffer.h"
#include "refusal.h"

typedef enum FaultKind
{
	FAULT_NONE,
	FAULT_REPLY,				/* this reply, without executing */
	FAULT_REFUSE,
	FAULT_DROP_BEFORE,
	FAULT_DROP_AFTER,
	FAULT_BODY					/* truncate, delay or both */
} FaultKind;

typedef struct Fault
{
	FaultKind	kind;
	int			status;
	Buffer		body;
	bool		is_json;
	const Refusal *refusal;
	struct json_object *headers;	/* additional ones, may be NULL */
	long		truncate;		/* -1: not */
	long		delay_ms;
	long		after_bytes;
} Fault;

extern void fault_init(const char *path);

/* The fault for the request at hand. */
extern void fault_next(Fault *fault);
extern void fault_free(Fault *fault);

/* For the log; NULL for FAULT_NONE. */
extern const char *fault_name(const Fault *fault);

#endif							/* ENDPOINT_FAULT_H */
