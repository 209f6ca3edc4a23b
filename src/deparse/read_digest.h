/*-------------------------------------------------------------------------
 *
 * deparse/read_digest.h
 *		SQL that computes what a statement returned once more.
 *
 * The digest of a result is its number of rows and a sum of their hashes,
 * which does not depend on their order.  Both the digest that a read leaves
 * and the one that it is compared with are computed by the remote.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_DEPARSE_READ_DIGEST_H
#define NEON_DEPARSE_READ_DIGEST_H

/*
 * Can the digest of this statement, which a user wrote, be computed?  Of one
 * that returns rows like a table; what SHOW and EXPLAIN say has none.
 */
extern bool neon_digest_is_possible(const char *sql);

/*
 * The statement without the places of rows: those that this transaction has
 * written have another place each time that they are written.
 */
extern char *neon_digest_without_places(const char *sql);

/* A query for the digest, with the parameters of the statement. */
extern char *neon_digest_sql(const char *sql);

/*
 * The same with further columns behind count and sum, for statements that we
 * have printed.
 */
extern char *neon_digest_with_sql(const char *sql, const char *columns);

/*
 * A query that fails with 40001 unless the digest is the one that is given,
 * count and sum, behind the statement's parameters.
 */
extern char *neon_digest_check_sql(const char *sql, int nparams);

/*
 * The same for many sets of values: each parameter is an array.  Only if
 * neon_digest_takes_many() says that this is the same.
 */
extern bool neon_digest_takes_many(const char *sql);
extern char *neon_digest_check_many_sql(const char *sql, int nparams);

#endif							/* NEON_DEPARSE_READ_DIGEST_H */
