/*-------------------------------------------------------------------------
 *
 * schema/attach_refresh.h
 *		Foreign tables brought up to date with the remote ones.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SCHEMA_ATTACH_REFRESH_H
#define NEON_SCHEMA_ATTACH_REFRESH_H

#include "foreign/foreign.h"
#include "nodes/pg_list.h"

typedef enum NeonRefreshStatus
{
	NEON_TABLE_IMPORTED,		/* new */
	NEON_TABLE_UNCHANGED,
	NEON_TABLE_CHANGED,			/* altered in place */
	NEON_TABLE_BLOCKED,			/* something that depends on it is in the way */
	NEON_TABLE_SKIPPED,			/* cannot be had here */
	NEON_TABLE_VANISHED			/* not there any more, still here */
} NeonRefreshStatus;

typedef struct NeonRefreshed
{
	const char *name;			/* local if there is a local one */
	NeonRefreshStatus status;
	double		rows;			/* remote estimate, negative: none */
	char	   *detail;			/* NULL: nothing to say */
} NeonRefreshed;

/*
 * Creates what is missing and alters what is different, as the current user.
 * Tables that are as they should be are not touched.  Returns a list of
 * NeonRefreshed.
 */
extern List *neon_refresh(ForeignServer *server, const char *remote_schema,
						  const char *local_schema);

#endif							/* NEON_SCHEMA_ATTACH_REFRESH_H */
