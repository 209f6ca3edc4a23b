/*-------------------------------------------------------------------------
 *
 * value.h
 *		PostgreSQL's text form of a value to JSON.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENDPOINT_VALUE_H
#define ENDPOINT_VALUE_H

#include <libpq-fe.h>

#include "buffer.h"

/*
 * Appends a value in JSON's own types where the endpoint converts: small
 * integers, floats, booleans, json and arrays of built-in types.  Everything
 * else becomes a string.  False if the text cannot be converted, which the
 * endpoint reports as an error of its own.
 */
extern bool value_append(Buffer *buffer, const char *text, size_t len,
						 Oid type);

#endif							/* ENDPOINT_VALUE_H */
