/*-------------------------------------------------------------------------
 *
 * http/setopt.c
 *		Sets options of libcurl and looks at the result.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "http/setopt.h"

void
neon_http_check(CURLcode rc, const char *option)
{
	if (rc == CURLE_OK)
		return;
	ereport(ERROR,
			(errcode(rc == CURLE_OUT_OF_MEMORY ?
					 ERRCODE_OUT_OF_MEMORY : ERRCODE_FDW_ERROR),
			 errmsg("could not set libcurl option %s: %s",
					option, curl_easy_strerror(rc))));
}
