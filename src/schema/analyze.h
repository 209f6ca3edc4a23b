/*-------------------------------------------------------------------------
 *
 * schema/analyze.h
 *		ANALYZE of foreign tables.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCHEMA_ANALYZE_H
#define NEON_SCHEMA_ANALYZE_H

#include "foreign/fdwapi.h"

#include "plan/remote_size.h"

extern bool neonAnalyzeForeignTable(Relation relation,
									AcquireSampleRowsFunc *func,
									BlockNumber *totalpages);

/* A sample that was taken before ANALYZE asks for it. */
typedef struct NeonReadySample
{
	Oid			relid;
	NeonRemoteSize size;
	bool		complete;		/* what follows is there */
	int			wanted;			/* rows that it was to have */
	int			nrows;			/* and has */
	HeapTuple  *rows;
	double		total;			/* rows that the relation has */
} NeonReadySample;

/*
 * ANALYZE asks the remote for nothing that is in a list of NeonReadySample,
 * unless it wants more rows than a sample has.  With NIL the list, which has to
 * live until then, is forgotten.
 */
extern void neon_analyze_offer(List *samples);

#endif							/* NEON_SCHEMA_ANALYZE_H */
