/*-------------------------------------------------------------------------
 *
 * reply.h
 *		A reply, in any version of HTTP.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENDPOINT_REPLY_H
#define ENDPOINT_REPLY_H

#include "buffer.h"
#include "fault.h"

#define MAX_REPLY_HEADERS 24

typedef struct ReplyHeader
{
	char	   *name;			/* in lower case */
	char	   *value;
} ReplyHeader;

typedef struct Reply
{
	int			status;			/* 0: close the connection instead */
	Buffer		body;
	ReplyHeader headers[MAX_REPLY_HEADERS];
	int			nheaders;

	/* a body that stops or pauses on its way */
	long		truncate;		/* after so many bytes; -1: not */
	long		delay_ms;
	size_t		after_bytes;
} Reply;

extern void reply_header(Reply *reply, const char *name, const char *value);
extern void reply_fault_headers(Reply *reply, const Fault *fault);
extern void reply_free(Reply *reply);

/*
 * How many bytes may be sent now, behind those that were: 0 at the end, at
 * a pause that has still to be made, and where the body is cut.
 */
extern size_t reply_available(const Reply *reply, size_t sent);

/* Is the body cut here?  Is a pause due here? */
extern bool reply_is_cut(const Reply *reply, size_t sent);
extern bool reply_pauses(const Reply *reply, size_t sent);

#endif							/* ENDPOINT_REPLY_H */
