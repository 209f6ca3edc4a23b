/*-------------------------------------------------------------------------
 *
 * ascii_json.h
 *		JSON in ASCII, for json-c's strict mode.
 *
 * The strict mode of json-c 0.18 takes any byte above 0x7f for a control
 * character and refuses it.  All other versions do not mind what is done here.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ASCII_JSON_H
#define ASCII_JSON_H

#include <stddef.h>

/*
 * A copy in which \u escapes stand for all characters beyond ASCII, to be
 * freed by the caller, and its length.  NULL if json is not valid UTF-8 (or a
 * backslash stands before such a character, which is no JSON either).
 */
extern char *ascii_json(const char *json, size_t len, size_t *ascii_len);

#endif							/* ASCII_JSON_H */
