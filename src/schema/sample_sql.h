/*-------------------------------------------------------------------------
 *
 * schema/sample_sql.h
 *		Statements that draw a random sample of a relation on the remote.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCHEMA_SAMPLE_SQL_H
#define NEON_SCHEMA_SAMPLE_SQL_H

#include "nodes/pg_list.h"
#include "utils/relcache.h"

/* What to draw from. */
typedef struct NeonSampleSource
{
	const char *table;			/* its name there, as SQL */
	List	   *columns;		/* attribute numbers here */
	List	   *names;			/* of these columns there, as SQL */
	List	   *wide;			/* what may stand for their wide values, as
								 * SQL of type text; NULL: nothing */
	const char *tablesample;	/* "SYSTEM" or "BERNOULLI"; NULL: none */
	bool		some;			/* look at each row with a probability only */
} NeonSampleSource;

/* All columns of all rows of a foreign table's relation. */
extern void neon_sample_source_init(NeonSampleSource *source,
									Relation relation);

/*
 * The number of rows; with tablesample, that of those which it takes.  Then
 * the parameters are its percentage and its seed.
 */
extern char *neon_count_sql(NeonSampleSource *source);

/*
 * Rows in random order, as many as are wanted and have room in the reply.
 * Values of more than a kilobyte may be replaced by others as wide: ANALYZE
 * does no more than count them.
 *
 * Parameters are: the number of rows, the bytes that they may take as JSON;
 * with tablesample: percentage and seed; with some: the probability.
 */
extern char *neon_sample_sql(NeonSampleSource *source);

/* All rows, in any order; has no parameters. */
extern char *neon_all_rows_sql(NeonSampleSource *source);

#endif							/* NEON_SCHEMA_SAMPLE_SQL_H */
