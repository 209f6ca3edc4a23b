/*-------------------------------------------------------------------------
 *
 * transaction/turns.h
 *		One statement, again and again with other values, sent as one.
 *
 * Each run of the statement with the values of one queued write is a turn.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_TRANSACTION_TURNS_H
#define NEON_TRANSACTION_TURNS_H

/* A statement with more parameters than this is hardly run many times. */
#define NEON_TURNS_MAX_PARAMS	100

/*
 * Makes a PL/pgSQL block that does just what runs of the statement, which
 * returns nothing and has nparams parameters, would do one by one.  The block
 * takes the text of one array, in which each turn has the values of the
 * parameters and then the number of rows that the statement must concern; if
 * it concerns another number, the block fails with 40001, and why completes
 * the message.  Returns NULL if the statement cannot take turns.  Allocates
 * in the current memory context.
 */
extern char *neon_turns_sql(const char *statement, int nparams,
							const char *why);

/*
 * The same for a statement that checks by itself what it has done, and
 * returns one value (see deparse/check.h): each turn has the values of its
 * nparams parameters.
 */
extern char *neon_turns_check_sql(const char *check, int nparams);

/*
 * The statement that hands its one parameter, the array, to the block that
 * follows; it returns one column.
 */
extern const char *neon_turns_values_sql(void);

#endif							/* NEON_TRANSACTION_TURNS_H */
