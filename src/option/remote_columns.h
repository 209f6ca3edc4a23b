/*-------------------------------------------------------------------------
 *
 * option/remote_columns.h
 *		What the columns of a foreign table are called on the remote.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_OPTION_REMOTE_COLUMNS_H
#define NEON_OPTION_REMOTE_COLUMNS_H

#include "access/sysattr.h"
#include "nodes/pg_list.h"

#include "option/remote_type.h"

/*
 * The system column as which a row brings its tableoid on the remote.  A ctid
 * alone does not tell the rows of a partitioned remote table apart.  The
 * local tableoid has another meaning, and a plan may only name attributes
 * that a table has; cmin is one that says nothing of a remote row, has four
 * bytes as well, and has its place in the header of a tuple.
 */
#define NEON_TABLEOID_ATTRIBUTE	MinCommandIdAttributeNumber

/* What is known about one foreign table, column by column. */
typedef struct NeonRemoteColumns
{
	int			natts;
	char	  **names;			/* remote column names, NULL when dropped */
	bool	   *key;			/* part of the remote primary key */
	bool	   *ambiguous;		/* not used in remote expressions: another
								 * column has the same remote name, or the
								 * remote's type is another one */
	char	  **written_types;	/* remote types that values are cast to, where
								 * they are others than the local type's; NULL
								 * elsewhere */
	List	   *types;			/* NeonRemoteType */
} NeonRemoteColumns;

/*
 * Looked up in the catalogs, allocated in the current memory context.  The
 * caller holds a lock on the table.
 */
extern NeonRemoteColumns *neon_remote_columns(Oid relid);

#endif							/* NEON_OPTION_REMOTE_COLUMNS_H */
