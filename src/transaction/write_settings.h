/*-------------------------------------------------------------------------
 *
 * transaction/write_settings.h
 *		Session parameters: when is the outcome of a write asked for?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_WRITE_SETTINGS_H
#define NEON_TRANSACTION_WRITE_SETTINGS_H

/* Defines neon_http_fdw.pipeline_row_counts and neon_http_fdw.write_errors. */
extern void neon_write_settings_init(void);

/*
 * May an UPDATE or DELETE by the whole key be taken to concern one row until
 * the end of its pipeline, or, where errors may come with the commit, until
 * that?
 */
extern bool neon_assumes_row_counts(void);

/* May a statement's errors come with the commit? */
extern bool neon_errors_at_commit(void);

/*
 * May the rows of an INSERT in a pipeline be counted here until its end?  Not
 * any more in a session in which such a count was wrong: the retry must work.
 */
extern bool neon_counts_here(void);
extern void neon_count_remotely(void);

#endif							/* NEON_TRANSACTION_WRITE_SETTINGS_H */
