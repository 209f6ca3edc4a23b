/*-------------------------------------------------------------------------
 *
 * ship/row.h
 *		Rows as values: of which fields do they consist?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SHIP_ROW_H
#define NEON_SHIP_ROW_H

#include "ship/ship.h"

/*
 * True if a reference to the whole row of a relation of a query that is judged
 * has the same fields, with the same names, there as here.
 */
extern bool neon_is_whole_row_shippable(NeonShipContext *ship, Var *var);

/*
 * True if the fields of a ROW(...) are called f1, f2 ..., as they are there.
 * The planner makes others of whole rows of subqueries that it has merged.
 */
extern bool neon_has_default_names(RowExpr *row);

/*
 * Appends the types of all fields of a row, those of rows in it included, to
 * *types.  False if they are not known.
 */
extern bool neon_row_field_types(NeonShipContext *ship, Node *row,
								 List **types);

#endif							/* NEON_SHIP_ROW_H */
