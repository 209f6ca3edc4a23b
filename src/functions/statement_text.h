/*-------------------------------------------------------------------------
 *
 * functions/statement_text.h
 *		What can be told of a user's statement from its text.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_FUNCTIONS_STATEMENT_TEXT_H
#define NEON_FUNCTIONS_STATEMENT_TEXT_H

/*
 * Throws if the statement would end the remote transaction that it runs in, or
 * is one that the endpoint has no answer for.
 */
extern void neon_statement_text_check(const char *sql);

/*
 * The statement in a form that fits into WITH ... AS () and returns a row for
 * each row that the statement concerns.  NULL if the statement has no such
 * form, or if that cannot be told.  Allocates in the current memory context.
 */
extern char *neon_statement_text_countable(const char *sql);

#endif							/* NEON_FUNCTIONS_STATEMENT_TEXT_H */
