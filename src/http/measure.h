/*-------------------------------------------------------------------------
 *
 * http/measure.h
 *		Asks libcurl how a transfer went, or why it failed.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_HTTP_MEASURE_H
#define NEON_HTTP_MEASURE_H

#include "compat/curl.h"
#include "http/failure.h"
#include "http/trace.h"
#include "http/upload.h"

/* Microseconds since the request began. */
extern int64 neon_measure_now(const NeonTrace *trace);

/* libcurl's debug callback; its argument is a NeonTrace, or NULL. */
extern int	neon_measure_debug(CURL *easy, curl_infotype type, char *data,
							   size_t size, void *client);

/*
 * The id that a line of the reply's headers gives the request; false if it
 * gives none.
 */
extern bool neon_measure_request_id(const char *line, size_t len, char *id,
									size_t size);

/* A step that needs a connection begins: notes where the connection leads. */
extern void neon_measure_connected(NeonTrace *trace);

/* The reply's status, 0 as long as there are interim ones (1xx) at most. */
extern int	neon_measure_status(CURL *easy);

/* What a transfer knows of itself and libcurl does not tell. */
typedef struct NeonProgress
{
	NeonUpload	upload;			/* the request's body */
	int			attempts;		/* how often the request was sent */
	bool		handshaking;	/* TCP is connected, TLS begins */
	bool		received;		/* any byte of the reply's body */
} NeonProgress;

/* Fills in what libcurl knows only when it is asked, and what was sent. */
extern void neon_measure_fill(CURL *easy, const NeonProgress *progress,
							  NeonTrace *trace);

/* Why a transfer failed; text is libcurl's, or that of whoever gave it up. */
extern void neon_measure_failure(CURL *easy, const NeonProgress *progress,
								 CURLcode code, const char *text,
								 NeonFailure *failure);

/*
 * The request begins to be sent.  What is sent together with the headers, libcurl
 * sends at once.
 */
extern void neon_measure_sending(const NeonProgress *progress,
								 NeonTrace *trace);

#endif							/* NEON_HTTP_MEASURE_H */
