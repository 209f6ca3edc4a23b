/*-------------------------------------------------------------------------
 *
 * option/table_cache.h
 *		What the options of foreign tables and their columns say, kept from
 *		statement to statement.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_OPTION_TABLE_CACHE_H
#define NEON_OPTION_TABLE_CACHE_H

#include "option/option.h"
#include "option/remote_columns.h"

typedef struct NeonTable
{
	NeonTableOptions *options;
	NeonRemoteColumns *columns;
} NeonTable;

/*
 * What the options of a foreign table say, on which the caller holds a lock.
 * Not to be changed; valid until the transaction ends.
 */
extern const NeonTable *neon_table(Oid relid);

#endif							/* NEON_OPTION_TABLE_CACHE_H */
