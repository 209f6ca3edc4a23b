/*-------------------------------------------------------------------------
 *
 * http2.h
 *		HTTP/2, by libnghttp2.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENDPOINT_HTTP2_H
#define ENDPOINT_HTTP2_H

#include "http.h"
#include "tls.h"

/*
 * Serves a connection until it ends.  False if it is to be closed without a
 * word.
 */
extern bool http2_serve(const HttpOptions *options, Tls *tls);

#endif							/* ENDPOINT_HTTP2_H */
