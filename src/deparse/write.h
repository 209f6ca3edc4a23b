/*-------------------------------------------------------------------------
 *
 * deparse/write.h
 *		Print INSERT, UPDATE and DELETE for the remote.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_DEPARSE_WRITE_H
#define NEON_DEPARSE_WRITE_H

#include "deparse/write_sql.h"
#include "ship/write.h"

/* Allocates in the current memory context; the write is not changed. */
extern NeonWriteSql *neon_write_sql(NeonRemoteWrite *write);

#endif							/* NEON_DEPARSE_WRITE_H */
