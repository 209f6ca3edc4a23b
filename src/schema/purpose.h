/*-------------------------------------------------------------------------
 *
 * schema/purpose.h
 *		Requests that no user has written say what they are for.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCHEMA_PURPOSE_H
#define NEON_SCHEMA_PURPOSE_H

#include "json/request.h"

typedef struct NeonPurpose
{
	ErrorContextCallback context;
	const char *text;
} NeonPurpose;

/*
 * Between begin and end, errors come with the text as their context, and
 * without the SQL of these queries, which is shown at DEBUG1 instead.  The
 * caller keeps the structure and the text until the end.
 */
extern void neon_purpose_begin(NeonPurpose *purpose, const char *text,
							   NeonQuery *queries, int nqueries);
extern void neon_purpose_end(NeonPurpose *purpose);

#endif							/* NEON_SCHEMA_PURPOSE_H */
