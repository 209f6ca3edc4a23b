/*-------------------------------------------------------------------------
 *
 * describe.h
 *		Which columns of a statement are arrays of a user-defined type.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef ENDPOINT_DESCRIBE_H
#define ENDPOINT_DESCRIBE_H

#include "running.h"

/* Array types that are not built in. */
typedef struct ArrayTypes
{
	Oid		   *types;
	int			ntypes;
} ArrayTypes;

/*
 * Asks the server about the columns of a statement, before it runs.  arrays
 * must be zero or what an earlier call left there.  False if the statement is
 * wrong, the outcome then holds the error.
 */
extern bool describe_arrays(Running *running, const char *sql,
							ArrayTypes *arrays);
extern void describe_free(ArrayTypes *arrays);

/* The element type of an array type, InvalidOid for all other types. */
extern Oid	describe_element(const ArrayTypes *arrays, Oid type);

#endif							/* ENDPOINT_DESCRIBE_H */
