/*-------------------------------------------------------------------------
 *
 * modify/pin_defaults.h
 *		Commit the values that DEFAULT gave to changed rows in a rehearsal.
 *
 * A default may be random(), a clock or the next number of a sequence: each
 * time that an UPDATE is sent it gives another value.  So the rehearsal
 * returns what it gave, and these values are sent from then on.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_MODIFY_PIN_DEFAULTS_H
#define NEON_MODIFY_PIN_DEFAULTS_H

#include "json/response.h"
#include "modify/state.h"

/* What DEFAULT gave to some rows. */
typedef struct NeonGivenDefaults
{
	NeonModify *modify;
	List	   *shape;			/* of the rows, see modify/rows.h */
	int64		nrows;
	int64		ntaken;			/* rows that have come back */
	int			width;			/* how many cells of a reply are for this */
	char	  **values;			/* row by row, each column that is DEFAULT */
	char	   *settable;		/* 't' for each of these columns that takes
								 * another value than DEFAULT, or 'f' */
} NeonGivenDefaults;

/* For rows of that shape and number, in the current memory context. */
extern void neon_given_defaults_init(NeonGivenDefaults *given,
									 NeonModify *modify, const NeonRows *rows);

/*
 * The cells that RETURNING must have, each with a comma before it; "" if no
 * column is DEFAULT.
 */
extern char *neon_given_defaults_sql(const NeonGivenDefaults *given);

/*
 * Takes them from a row of the reply, whose cell number first is the number of
 * the changed row (u.n of neon_modify_change_sql()); returns that, from 0 on.
 * The rows come in any order.  At their end neon_given_defaults_end() throws
 * unless all have come.
 */
extern int64 neon_given_defaults_take(NeonGivenDefaults *given,
									  const NeonRow *row, int first);
extern void neon_given_defaults_end(const NeonGivenDefaults *given);

/*
 * Puts the values in their places in rows, which must not be ended (see
 * neon_rows_params()): the shape of rows becomes another one.
 */
extern void neon_given_defaults_pin(const NeonGivenDefaults *given,
									NeonRows *rows);

#endif							/* NEON_MODIFY_PIN_DEFAULTS_H */
