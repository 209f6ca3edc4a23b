/*-------------------------------------------------------------------------
 *
 * ship/default_value.h
 *		Where a statement says DEFAULT for a column without one here.
 *
 * PostgreSQL's rewriter puts NULL in the place of such a DEFAULT; but the
 * remote column may well have a default.
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SHIP_DEFAULT_VALUE_H
#define NEON_SHIP_DEFAULT_VALUE_H

#include "nodes/parsenodes.h"

/*
 * The NULL that an expression is, also one of a domain; NULL if it is another
 * expression.
 */
extern Const *neon_null_const(Node *expr);

/* Is the expression a NULL that stands for DEFAULT? */
extern bool neon_is_default(Query *query, Node *expr);

/* The index of the VALUES whose rows an INSERT inserts, 0 if there are none. */
extern Index neon_values_source(Query *query);

/*
 * The rows of an INSERT ... VALUES that has such NULLs: Lists of expressions
 * in the order of the target list, in which NULL pointers stand for DEFAULT.
 * NIL for any other statement.
 */
extern List *neon_default_rows(Query *query);

/*
 * Removes columns from the target list of an INSERT ... VALUES that have
 * DEFAULT in every row: the statement then does not name them.  One column
 * stays.
 */
extern void neon_drop_default_columns(Query *query);

#endif							/* NEON_SHIP_DEFAULT_VALUE_H */
