/*-------------------------------------------------------------------------
 *
 * transaction/turns.h
 *		One statement, again and again with other values, in one statement.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_TURNS_H
#define NEON_TRANSACTION_TURNS_H

/* More parameters are not worth it: who has them has few such statements. */
#define NEON_LOOP_MAX_PARAMS	100

/*
 * The loop over a statement that returns nothing and has nparams parameters:
 * a PL/pgSQL block, which does just what the statements one by one would do.
 * Its values come as the text of one array, in which each turn has those of
 * the parameters and the number of rows that the statement must concern; else
 * it fails with 40001, and why completes the message.  NULL if there can be
 * none.  Allocates in the current memory context.
 */
extern char *neon_loop_sql(const char *statement, int nparams,
						   const char *why);

/*
 * The statement that hands its one parameter, the array, to the loop that
 * follows; it returns one column.
 */
extern const char *neon_loop_values_sql(void);

#endif							/* NEON_TRANSACTION_TURNS_H */
