/*-------------------------------------------------------------------------
 *
 * ship/expression.h
 *		May this expression run on the remote?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SHIP_EXPRESSION_H
#define NEON_SHIP_EXPRESSION_H

#include "ship/ship.h"

/*
 * True if expr gives the same result there as here.  Subtrees that are
 * values of the local session (neon_is_local_value) become parameters and
 * may contain anything that is not volatile.
 */
extern bool neon_is_shippable(NeonShipContext *ship, Expr *expr);

/* True if the operators that sort or group by the clause may run remotely. */
extern bool neon_is_sort_shippable(NeonShipContext *ship,
								   SortGroupClause *clause);

#endif							/* NEON_SHIP_EXPRESSION_H */
