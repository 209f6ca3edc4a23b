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

/* The type of elements that become strings (that of text). */
#define VALUE_STRING 25

/* The element type of a built-in array type, InvalidOid for all others. */
extern Oid	value_element(Oid type);

/*
 * Appends a value in JSON's own types where the endpoint converts: small
 * integers, floats, booleans, json and, where element is not InvalidOid,
 * arrays.  Everything else becomes a string.  False if the text cannot be
 * converted, which the endpoint reports as an error of its own.
 */
extern bool value_append(Buffer *buffer, const char *text, size_t len,
						 Oid type, Oid element);

#endif							/* ENDPOINT_VALUE_H */
