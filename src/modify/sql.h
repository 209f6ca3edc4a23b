/*-------------------------------------------------------------------------
 *
 * modify/sql.h
 *		Statements that write rows which are given as arrays.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_MODIFY_SQL_H
#define NEON_MODIFY_SQL_H

#include "nodes/nodes.h"
#include "nodes/pg_list.h"
#include "nodes/primnodes.h"
#include "utils/rel.h"

/* How the remote knows a table that is written to. */
typedef struct NeonModifySql
{
	const char *table;			/* quoted and qualified */
	int			natts;
	const char **names;			/* of columns, quoted; NULL: not written */
	const char **types;			/* their types, as SQL text */
	bool	   *key;			/* is the column a part of the key? */
	bool		has_key;		/* rows are found by the key, else by ctid */
	OverridingKind override;
	bool		do_nothing;		/* ON CONFLICT DO NOTHING */
} NeonModifySql;

/* Looks a table up.  Allocates in the current memory context. */
extern void neon_modify_sql_init(NeonModifySql *sql, Relation rel);

/*
 * INSERT of the columns in shape (attribute numbers).  $1 and so on are arrays
 * of their texts; if there are none, $1 is the number of rows.  returning may
 * be NULL.  Here and below, r is the alias of the table.
 */
extern char *neon_modify_insert_sql(const NeonModifySql *sql, List *shape,
									const char *returning);

/*
 * UPDATE of the columns in shape (see modify/rows.h), DELETE if that is NIL.  After the arrays
 * of the new values come those that say which rows: with keys, the values of
 * these, otherwise ctid and tableoid; and xmin, which is 0 for a row that the
 * transaction has written itself.  If numbered, returning may have u.n, the
 * number of the row.
 */
extern char *neon_modify_change_sql(const NeonModifySql *sql, List *shape,
									const char *returning, bool numbered);
extern int	neon_modify_identity_columns(const NeonModifySql *sql);

/* "r.a, r.b": columns to be returned, ctid among them perhaps. */
extern char *neon_modify_returning(const NeonModifySql *sql, List *columns);

/*
 * The condition that the table, a parameter, has columns which the remote
 * fills in: those with a default that are not among the names, another one.
 */
extern char *neon_modify_has_defaults_sql(int table_param, int names_param);

#endif							/* NEON_MODIFY_SQL_H */
