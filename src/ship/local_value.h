/*-------------------------------------------------------------------------
 *
 * ship/local_value.h
 *		Which parts of an expression are values of the local session?
 *
 * Copyright (c) 2026, the neon_http_fdw authors
 *
 *-------------------------------------------------------------------------
 */
#ifndef NEON_SHIP_LOCAL_VALUE_H
#define NEON_SHIP_LOCAL_VALUE_H

#include "ship/expression.h"

/*
 * True if node is to be computed here and sent as a parameter: it has no
 * column of the remote relations, nothing volatile, no aggregate, window
 * function, sublink or set, and a type that the remote knows.
 *
 * With conditional (below a node that neon_is_conditional), something that
 * is computed from parameters is not taken as a whole, only the parameters
 * are: to compute it ahead could raise an error that the condition is there
 * to prevent.
 */
extern bool neon_is_local_value(NeonShipContext *ship, Node *node,
								bool conditional);

/*
 * True if the arguments of this node are evaluated only under a condition.
 */
extern bool neon_is_conditional(Node *node);

#endif							/* NEON_SHIP_LOCAL_VALUE_H */
