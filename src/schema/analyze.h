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

extern bool neonAnalyzeForeignTable(Relation relation,
									AcquireSampleRowsFunc *func,
									BlockNumber *totalpages);

#endif							/* NEON_SCHEMA_ANALYZE_H */
