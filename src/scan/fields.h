/*-------------------------------------------------------------------------
 *
 * scan/fields.h
 *		What the remote says of the columns of a result.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCAN_FIELDS_H
#define NEON_SCAN_FIELDS_H

#include "access/tupdesc.h"

#include "http/connection.h"

/* The raw text of "fields" (UTF-8) in this server's encoding. */
extern char *neon_fields_text(const char *fields);

/*
 * Throws unless the columns are as many as desc has, and of types whose
 * values those of desc can take:
 *
 * - the same built-in type (of a domain: the type it is based on), or one
 *   with an implicit cast to it, so to a wider number;
 * - any type where desc has text or varchar, any array where it has an array
 *   of them; json for jsonb and jsonb for json;
 * - where desc has a type that is not built in (an enum, an extension's):
 *   text, or a type that is not built in there either.
 *
 * What is not built in has another OID on each side, so its values can only
 * be judged by the type's input function.
 */
extern void neon_fields_check(const NeonConnection *connection,
							  const char *fields, TupleDesc desc);

#endif							/* NEON_SCAN_FIELDS_H */
