/*-------------------------------------------------------------------------
 *
 * schema/sample.h
 *		A random sample of a foreign table's rows.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCHEMA_SAMPLE_H
#define NEON_SCHEMA_SAMPLE_H

#include "foreign/foreign.h"
#include "utils/relcache.h"

#include "option/option.h"
#include "plan/remote_size.h"
#include "remote/remote.h"
#include "schema/purpose.h"
#include "schema/reservoir.h"
#include "schema/sample_sql.h"

/*
 * Bytes of rows in a reply, as JSON: below the lowest limit that endpoints
 * are known to have by default, 10 MiB.
 */
#define NEON_SAMPLE_BYTES	(8 * 1024 * 1024)

/* A sample that is being taken. */
typedef struct NeonSample
{
	Relation	relation;
	UserMapping *user;
	NeonRemoteSize size;
	NeonSampling method;
	NeonSampleSource source;
	bool		by_page;		/* TABLESAMPLE SYSTEM */
	double		fraction;		/* that TABLESAMPLE takes */
	double		share;			/* of these rows to look at */
	double		total;			/* rows that the relation has */
	int64		budget;			/* bytes that its part of a reply may have */
	NeonReservoir reservoir;
	NeonPurpose purpose;
	NeonStats	stats;
} NeonSample;

/* The mapping of the table's owner, as whom the remote is asked. */
extern UserMapping *neon_sample_user(Relation relation);

/* What the options of the table or its server say of how to take it. */
extern NeonSampling neon_sample_method(Relation relation);

/* Rows are put into an array, which has room for as many as are wanted. */
extern void neon_sample_init(NeonSample *sample, Relation relation,
							 UserMapping *user, const NeonRemoteSize *size,
							 HeapTuple *rows, int wanted);

/*
 * Makes the queries for a sample of at most sample->budget bytes, and returns
 * how many these are: two, or one for a table without columns.  To read it,
 * the reader is to be at the first one's result, and is left at the last one's.
 */
#define NEON_SAMPLE_QUERIES		2

extern int	neon_sample_queries(NeonSample *sample, NeonQuery *queries);
extern void neon_sample_read(NeonSample *sample, NeonReader *reader);

/* Takes the sample by requests of its own, in the way its method says. */
extern void neon_sample_take(NeonSample *sample);

#endif							/* NEON_SCHEMA_SAMPLE_H */
