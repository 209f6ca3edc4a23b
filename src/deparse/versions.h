/*-------------------------------------------------------------------------
 *
 * deparse/versions.h
 *		Are statements that can mean no other rows printed with versions, too?
 *
 * A change of one row by its whole key needs no version of the row at READ
 * COMMITTED.  At the levels above its row must be the same until the commit:
 * what a later statement of the transaction returns of it depends on it.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_DEPARSE_VERSIONS_H
#define NEON_DEPARSE_VERSIONS_H

/*
 * Yes, in such a transaction, and since neon_want_versions() was called in one.
 */
extern bool neon_versions_wanted(void);

/*
 * If this transaction is one, they are from now on.  Returns true if they were
 * not before: then plans that were made before are to be made anew.
 */
extern bool neon_want_versions(void);

#endif							/* NEON_DEPARSE_VERSIONS_H */
