/*-------------------------------------------------------------------------
 *
 * schema/ready_samples.h
 *		Samples of several foreign tables by few requests.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCHEMA_READY_SAMPLES_H
#define NEON_SCHEMA_READY_SAMPLES_H

#include "foreign/foreign.h"

#include "schema/analyze.h"

/* A table whose sample is to be made ready. */
typedef struct NeonSampledTable
{
	NeonReadySample ready;
	UserMapping *user;			/* of its owner; NULL: not known yet */
	bool		all_rows;		/* are to be read, by ANALYZE itself */
	bool		sized;			/* ready.size is known */
	double		bytes;			/* that the sample is likely to take */
	ErrorData  *error;			/* what the remote or the mapping says of it;
								 * NULL: nothing */
} NeonSampledTable;

/*
 * Finds users and sizes of tables, by one request for each user mapping.  What
 * fails is noted in "error"; only what concerns more than tables is thrown.
 */
extern void neon_sample_sizes(List *tables);

/*
 * Takes the samples, into the current memory context, after sizes are known:
 * of those that are likely to fit into a reply together by one request.  A
 * sample that is not complete afterwards, without an error, is for ANALYZE to
 * take by itself.
 */
extern void neon_sample_tables(List *tables);

/*
 * Is this an error of the table that is analyzed, or of its server?  Not if the
 * session is to stop, or cannot go on.  That the remote stops, for a timeout of
 * its own, a shutdown or what it lacks, ends no session here.
 */
extern bool neon_analyze_may_fail(const ErrorData *error);

#endif							/* NEON_SCHEMA_READY_SAMPLES_H */
