/*-------------------------------------------------------------------------
 *
 * json_check.h
 *		Is this JSON, and if not, where does it go wrong?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENDPOINT_JSON_CHECK_H
#define ENDPOINT_JSON_CHECK_H

#include "buffer.h"

/*
 * True if it is.  Else problem says what is wrong and where, in the hosted
 * endpoint's words: "trailing comma at line 1 column 7".
 */
extern bool json_check(const char *json, size_t len, Buffer *problem);

#endif							/* ENDPOINT_JSON_CHECK_H */
