/*-------------------------------------------------------------------------
 *
 * http/upload.h
 *		The body of a request, as libcurl takes it.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_HTTP_UPLOAD_H
#define NEON_HTTP_UPLOAD_H

#include "compat/curl.h"
#include "http/trace.h"

typedef struct NeonUpload
{
	const char *body;
	size_t		len;
	size_t		handed;			/* bytes that libcurl has taken this time */
	size_t		left;			/* the most that it has ever taken: no more
								 * than these can have left */
	bool		withheld;		/* only its length is sent */
	NeonTrace  *trace;			/* of the transfer */
} NeonUpload;

/* The upload must stay where it is as long as the handle is in use. */
extern void neon_upload_set(CURL *easy, NeonUpload *upload);

#endif							/* NEON_HTTP_UPLOAD_H */
