/*-------------------------------------------------------------------------
 *
 * deparse/remote_sql.h
 *		A remote statement that is being built.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_DEPARSE_REMOTE_SQL_H
#define NEON_DEPARSE_REMOTE_SQL_H

#include "lib/stringinfo.h"

#include "ship/ship.h"

typedef struct NeonRemoteSql
{
	NeonShipContext *ship;
	StringInfoData text;
	List	   *params;			/* local expressions; the n-th is $n */
	struct number_hash *numbers;	/* those of params that can be shared,
									 * NULL if there are none; see
									 * param_step.c */
	List	   *names;			/* ruleutils' context, made by
								 * neon_sql_name_columns() */
	bool		with_alias;		/* print r1.a, not a */
	List	   *grouping;		/* expressions of GROUP BY and DISTINCT, which
								 * must be printed alike wherever they stand */
} NeonRemoteSql;

extern void neon_sql_init(NeonRemoteSql *sql, NeonShipContext *ship);

/* Number of the alias of a remote relation: r1, r2 ... */
extern int	neon_sql_alias(NeonRemoteSql *sql, Index relid);

/* Adds a parameter, shared with no other expression; returns its number. */
extern int	neon_sql_new_param(NeonRemoteSql *sql, Node *expr);

#endif							/* NEON_DEPARSE_REMOTE_SQL_H */
