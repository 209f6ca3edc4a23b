/*-------------------------------------------------------------------------
 *
 * deparse/deparse.h
 *		Print statements for the remote.
 *
 * The folder deparse/ makes the text of remote statements, and computes and
 * prints the values of their parameters.  It may call ship/, option/ and
 * compat/, and lets PostgreSQL (ruleutils) print all expressions and queries.
 * It promises: no literal of the user is ever part of a text, every name is
 * the remote's, and what neon_is_shippable() accepted means the same there.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_DEPARSE_DEPARSE_H
#define NEON_DEPARSE_DEPARSE_H

#include "lib/stringinfo.h"

#include "deparse/remote_sql.h"
#include "option/option.h"
#include "ship/expression.h"

/*
 * For statements of several parts: neon_sql_name_columns() is called first,
 * with all expressions that will be printed; then neon_sql_append_expr()
 * appends one of them.  Columns are printed with their relation's alias if
 * with_alias.  Both must be called between neon_sql_begin_print() and
 * neon_sql_end_print().
 */
extern void neon_sql_name_columns(NeonRemoteSql *sql, List *exprs,
								  bool with_alias);
extern void neon_sql_append_expr(NeonRemoteSql *sql, Node *expr);

/*
 * Appends "cond AND cond ..." for a list of expressions that
 * neon_is_shippable() accepted.  Columns are printed with their relation's
 * alias if with_alias.
 */
extern void neon_sql_append_conditions(NeonRemoteSql *sql, List *exprs,
									   bool with_alias);

/*
 * Appends a column of a remote relation by its attribute number.  Three
 * system columns can be asked for: ctid, xmin (0 for rows that this
 * transaction has written), and the remote tableoid, which is numbered
 * NEON_TABLEOID_ATTRIBUTE.
 */
extern void neon_sql_append_column(NeonRemoteSql *sql, Index relid,
								   AttrNumber attnum, bool with_alias);

/*
 * Appends a list of columns.  An empty list becomes one NULL, so that the rows
 * can be counted.
 */
extern void neon_sql_append_columns(NeonRemoteSql *sql, Index relid,
									List *columns, bool with_alias);

/*
 * Appends "SELECT columns FROM table [WHERE conditions]" for one foreign
 * table.
 */
extern void neon_sql_append_scan(NeonRemoteSql *sql, Index relid,
								 NeonTableOptions *table,
								 List *columns, List *conditions);

/*
 * Shared by the modules that print whole statements.
 *
 * Between neon_sql_begin_print() and neon_sql_end_print() ruleutils prints
 * what is not in pg_catalog with its schema.
 *
 * neon_sql_append_printed() appends what ruleutils printed, with a cast
 * behind each $n; at each word outside of quotes it asks replace, which may
 * append something else and return where to go on.
 */
typedef const char *(*NeonReplaceWord) (NeonRemoteSql *sql, const char *word,
										void *arg);

/* Appends a parameter for an expression, shared with no other expression. */
extern void neon_sql_append_param(NeonRemoteSql *sql, Node *expr);

extern int	neon_sql_begin_print(NeonRemoteSql *sql);
extern void neon_sql_end_print(int level);
extern void neon_sql_append_printed(NeonRemoteSql *sql, const char *printed,
									NeonReplaceWord replace, void *arg);

#endif							/* NEON_DEPARSE_DEPARSE_H */
