/*-------------------------------------------------------------------------
 *
 * refusal.h
 *		Requests that are refused before anything runs.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENDPOINT_REFUSAL_H
#define ENDPOINT_REFUSAL_H

#include <stdbool.h>

typedef struct Refusal
{
	const char *name;			/* for options and faults */
	int			status;
	const char *text;			/* the hosted endpoint's */
} Refusal;

/* NULL if there is none of this name. */
extern const Refusal *refusal_find(const char *name);

/*
 * Refuses all requests in this way (may be NULL), or those beyond limits such
 * as "500@1,300@60": 500 a second within one second, 300 a second within 60,
 * for each endpoint (may be NULL).  False if one of them is not understood.
 */
extern bool refusal_init(const char *name, const char *rates);

/* How a request to this host is refused; NULL: it is not. */
extern const Refusal *refusal_of(const char *host);

#endif							/* ENDPOINT_REFUSAL_H */
