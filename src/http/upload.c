/*-------------------------------------------------------------------------
 *
 * http/upload.c
 *		The body of a request, as libcurl takes it.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "http/setopt.h"
#include "http/upload.h"

/*
 * Up to this size, a body is sent together with the headers, which saves a
 * packet, and fits into the socket's buffer anyway: nobody can tell how much
 * of it has left.
 */
#define SMALL_BODY	(64 * 1024)

static size_t
give_body(char *buffer, size_t size, size_t n, void *client)
{
	NeonUpload *upload = (NeonUpload *) client;
	size_t		len = Min(size * n, upload->len - upload->handed);

	if (upload->withheld)
		return CURL_READFUNC_PAUSE;
	memcpy(buffer, upload->body + upload->handed, len);
	upload->handed += len;
	upload->left = Max(upload->left, upload->handed);
	neon_activity_sent(upload->trace->activity, upload->handed);
	if (upload->handed == upload->len)
		neon_trace_phase(upload->trace, NEON_PHASE_WAIT);
	return len;
}

/* Starts the body again, because libcurl sends the request again. */
static int
rewind_body(void *client, curl_off_t offset, int origin)
{
	NeonUpload *upload = (NeonUpload *) client;

	if (origin != SEEK_SET || offset < 0 || offset > (curl_off_t) upload->len)
		return CURL_SEEKFUNC_FAIL;
	upload->handed = (size_t) offset;
	return CURL_SEEKFUNC_OK;
}

void
neon_upload_set(CURL *easy, NeonUpload *upload)
{
	bool		at_once = upload->len <= SMALL_BODY && !upload->withheld;

	upload->handed = upload->left = at_once ? upload->len : 0;
	NEON_SETOPT(easy, CURLOPT_READFUNCTION, give_body);
	NEON_SETOPT(easy, CURLOPT_READDATA, upload);
	NEON_SETOPT(easy, CURLOPT_SEEKFUNCTION, rewind_body);
	NEON_SETOPT(easy, CURLOPT_SEEKDATA, upload);
	NEON_SETOPT(easy, CURLOPT_POSTFIELDS, at_once ? upload->body : NULL);
	NEON_SETOPT(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) upload->len);
}
