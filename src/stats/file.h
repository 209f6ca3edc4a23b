/*-------------------------------------------------------------------------
 *
 * stats/file.h
 *		Totals are kept in a file while the server is down.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_STATS_FILE_H
#define NEON_STATS_FILE_H

/*
 * Called by the postmaster alone.  To load removes the file, so that backups
 * do not hold old numbers; trouble with the file is logged, and the numbers
 * are lost then.
 */
extern void neon_stats_save(void);
extern void neon_stats_load(void);

#endif							/* NEON_STATS_FILE_H */
