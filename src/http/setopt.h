/*-------------------------------------------------------------------------
 *
 * http/setopt.h
 *		Sets options of libcurl and looks at the result.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_HTTP_SETOPT_H
#define NEON_HTTP_SETOPT_H

#include "compat/curl.h"

/* Throws unless libcurl took the option. */
extern void neon_http_check(CURLcode rc, const char *option);

#define NEON_SETOPT(easy, option, value) \
	neon_http_check(curl_easy_setopt(easy, option, value), #option)

#endif							/* NEON_HTTP_SETOPT_H */
