/*-------------------------------------------------------------------------
 *
 * compat/analyze.h
 *		Rights to analyze a relation, in all supported versions.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_COMPAT_ANALYZE_H
#define NEON_COMPAT_ANALYZE_H

#include "commands/vacuum.h"

/* May the current user analyze it?  Says in a warning if not. */
#if PG_VERSION_NUM >= 170000
#define neon_may_analyze(relid, form) \
	vacuum_is_permitted_for_relation(relid, form, VACOPT_ANALYZE)
#else
#define neon_may_analyze(relid, form) \
	vacuum_is_relation_owner(relid, form, VACOPT_ANALYZE)
#endif

#endif							/* NEON_COMPAT_ANALYZE_H */
